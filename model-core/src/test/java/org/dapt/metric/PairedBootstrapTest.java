package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.dapt.metric.PairedBootstrap.Difference;
import org.dapt.random.KeyedRandom;
import org.junit.jupiter.api.Test;

/** The golden values are NumPy's and SciPy's, by {@code src/test/golden/bootstrap.py}. */
class PairedBootstrapTest {
  private static final double[][] SCORES = scores(3, 0.6, 40, 12, 25);

  @Test
  void agreesWithNumPyOnTheSameDraws() throws IOException {
    JsonNode golden = golden().get("paired");
    int resamples = golden.get("draws").get(0).size();
    PairedBootstrap.Draws draws =
        (resample, task, drawn) ->
            Arrays.setAll(
                drawn, i -> golden.get("draws").get(task).get(resample).get(i).intValue());
    double[][] first = matrix(golden.get("first"));
    double[][] second = matrix(golden.get("second"));

    Difference found =
        PairedBootstrap.difference(
            PairedBootstrap.values(first, resamples, draws),
            PairedBootstrap.values(second, resamples, draws),
            PairedBootstrap.observed(first) - PairedBootstrap.observed(second));

    assertThat(found.difference()).isCloseTo(golden.get("difference").doubleValue(), within(1e-12));
    assertThat(found.low()).isCloseTo(golden.get("low").doubleValue(), within(1e-12));
    assertThat(found.high()).isCloseTo(golden.get("high").doubleValue(), within(1e-12));
    assertThat(found.p()).isCloseTo(golden.get("p").doubleValue(), within(1e-12));
  }

  @Test
  void hasTheIntervalOfSciPyUpToTheNumberOfResamples() throws IOException {
    JsonNode golden = golden().get("scipy");
    double[][] first = {row(golden.get("first"))};
    double[][] second = {row(golden.get("second"))};
    Difference found = compare(first, second, 20_000, 1);
    assertThat(found.low()).isCloseTo(golden.get("low").doubleValue(), within(0.004));
    assertThat(found.high()).isCloseTo(golden.get("high").doubleValue(), within(0.004));
  }

  @Test
  void equalSeedsGiveEqualResultsAndOthersDoNot() {
    double[][] other = scores(4, 0.5, 40, 12, 25);
    assertThat(compare(SCORES, other, 500, 7)).isEqualTo(compare(SCORES, other, 500, 7));
    assertThat(compare(SCORES, other, 500, 7).low())
        .isNotEqualTo(compare(SCORES, other, 500, 8).low());
  }

  @Test
  void aMethodDoesNotDifferFromItself() {
    Difference found = compare(SCORES, SCORES, 300, 7);
    assertThat(found).isEqualTo(new Difference(0, 0, 0, 1));
  }

  @Test
  void turnedAroundTheDifferenceIsTheOppositeWithTheSameP() {
    double[][] other = scores(4, 0.4, 40, 12, 25);
    Difference there = compare(SCORES, other, 999, 7);
    Difference back = compare(other, SCORES, 999, 7);
    assertThat(back.difference()).isCloseTo(-there.difference(), within(1e-12));
    assertThat(back.low()).isCloseTo(-there.high(), within(1e-12));
    assertThat(back.high()).isCloseTo(-there.low(), within(1e-12));
    assertThat(back.p()).isEqualTo(there.p());
  }

  @Test
  void whatIsBetterOnEveryExampleIsTold() {
    double[][] better =
        Arrays.stream(SCORES)
            .map(task -> Arrays.stream(task).map(score -> score + 0.1).toArray())
            .toArray(double[][]::new);
    Difference found = compare(better, SCORES, 999, 7);
    assertThat(found.low()).isCloseTo(0.1, within(1e-9));
    assertThat(found.high()).isCloseTo(0.1, within(1e-9));
    assertThat(found.p()).isEqualTo(2.0 / 1000);
  }

  /** Resamples in which both are equal speak for neither, however their sums are rounded. */
  @Test
  void equalMeansAreNoDifference() {
    double[][] first = percent(1, 15);
    double[][] second = percent(2, 15);
    PairedBootstrap bootstrap = new PairedBootstrap(999, 7);
    double[] ofFirst = bootstrap.values(first);
    double[] ofSecond = bootstrap.values(second);
    long below = 0;
    long above = 0;
    for (int i = 0; i < ofFirst.length; i++) {
      // By so many right answers of 15 times 30.
      long difference = Math.round((ofFirst[i] - ofSecond[i]) * 15 * 30 / 100);
      below += difference <= 0 ? 1 : 0;
      above += difference >= 0 ? 1 : 0;
    }
    assertThat(below + above).as("some are equal").isGreaterThan(ofFirst.length);
    assertThat(PairedBootstrap.difference(ofFirst, ofSecond, 0).p())
        .isEqualTo(Math.min(1, 2.0 * (1 + Math.min(below, above)) / 1000));
  }

  /** Tasks of 30 examples, of which about half are right. */
  private static double[][] percent(long seed, int tasks) {
    int[] sizes = new int[tasks];
    Arrays.fill(sizes, 30);
    return Arrays.stream(scores(seed, 0.5, sizes))
        .map(task -> Arrays.stream(task).map(score -> score < 0.5 ? 0 : 100).toArray())
        .toArray(double[][]::new);
  }

  @Test
  void tasksHaveEqualWeightsWhateverTheirNumberOfExamples() {
    double[][] few = {{1, 1}, new double[1000]};
    assertThat(PairedBootstrap.observed(few)).isEqualTo(0.5);
    assertThat(new PairedBootstrap(50, 1).values(few)).containsOnly(0.5);
  }

  /** Of 200 pairs of equal methods about one in twenty looks different at 5 %. */
  @Test
  void findsNoDifferenceWhereThereIsNone() {
    long told =
        IntStream.range(0, 200)
            .filter(
                i -> {
                  double[][] first = scores(2L * i, 0.5, 60, 60);
                  double[][] second = scores(2L * i + 1, 0.5, 60, 60);
                  return compare(first, second, 400, i).p() < 0.05;
                })
            .count();
    assertThat(told).isBetween(2L, 24L);
  }

  @Test
  void theSpreadIsThatOfNumPy() throws IOException {
    JsonNode golden = golden().get("spread");
    Spread found = Spread.of(Arrays.stream(row(golden.get("values"))).boxed().toList());
    assertThat(found.mean()).isCloseTo(golden.get("mean").doubleValue(), within(1e-12));
    assertThat(found.deviation().orElseThrow())
        .isCloseTo(golden.get("deviation").doubleValue(), within(1e-12));
    assertThat(Spread.of(List.of(3.5)).deviation()).isEmpty();
  }

  private static Difference compare(double[][] a, double[][] b, int resamples, long seed) {
    PairedBootstrap bootstrap = new PairedBootstrap(resamples, seed);
    return PairedBootstrap.difference(
        bootstrap.values(a),
        bootstrap.values(b),
        PairedBootstrap.observed(a) - PairedBootstrap.observed(b));
  }

  private static double[][] scores(long seed, double right, int... examples) {
    RandomGenerator random = KeyedRandom.of(seed, "scores");
    return Arrays.stream(examples)
        .mapToObj(n -> IntStream.range(0, n).mapToDouble(i -> random.nextDouble() < right ? 1 : 0))
        .map(task -> task.toArray())
        .toArray(double[][]::new);
  }

  private static double[][] matrix(JsonNode rows) {
    double[][] matrix = new double[rows.size()][];
    Arrays.setAll(matrix, i -> row(rows.get(i)));
    return matrix;
  }

  private static double[] row(JsonNode values) {
    double[] row = new double[values.size()];
    Arrays.setAll(row, i -> values.get(i).doubleValue());
    return row;
  }

  private static JsonNode golden() throws IOException {
    return JsonMapper.builder()
        .build()
        .readTree(PairedBootstrapTest.class.getResource("/golden/bootstrap.json"));
  }
}
