package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.metric.ScoreMatrices.row;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;

class ContinualMetricsTest {
  private static final double NONE = Double.NaN;
  private static final double TOLERANCE = 1e-9;

  /** The worked example of docs/metrics.md. */
  private static final ScoreMatrix EXAMPLE =
      ScoreMatrices.of(row(80), row(84, 60), row(77, 55, 90));

  @Test
  void agreesWithTheReference() {
    JsonNode cases = Fixtures.json(Fixtures.folder("cl-metrics").resolve("cases.json"));
    assertThat(cases).isNotEmpty();
    for (JsonNode given : cases) {
      List<double[]> rows = new ArrayList<>();
      Map<String, Double> single = new HashMap<>();
      for (JsonNode scores : given.get("scores")) {
        double[] row = new double[scores.size()];
        for (int j = 0; j < row.length; j++) {
          row[j] = scores.get(j).doubleValue();
        }
        single.put("task" + rows.size(), given.get("single").get(rows.size()).doubleValue());
        rows.add(row);
      }
      ContinualMetrics metrics =
          ContinualMetrics.of(ScoreMatrices.of(rows.toArray(new double[0][])), single);
      JsonNode expected = given.get("expected");
      check(given, metrics.averagePerformance(), expected.get("AP"));
      check(given, metrics.forgetting(), expected.get("F.Ra"));
      check(given, metrics.forwardTransfer(), expected.get("FWT"));
      check(given, metrics.backwardTransfer(), expected.get("BWT.sapt"));
      check(given, metrics.backwardTransferLopezPaz(), expected.get("BWT.lopez-paz"));
    }
  }

  private static void check(JsonNode given, OptionalDouble actual, JsonNode expected) {
    if (expected.isNull()) {
      assertThat(actual).as(given.get("name").asText()).isEmpty();
    } else {
      assertThat(actual).as(given.get("name").asText()).isPresent();
      assertThat(actual.getAsDouble())
          .as(given.get("name").asText())
          .isCloseTo(expected.doubleValue(), within(TOLERANCE));
    }
  }

  @Test
  void agreesWithTheWorkedExample() {
    ContinualMetrics metrics =
        ContinualMetrics.of(
            EXAMPLE, Map.of("task0", 80.0, "task1", 55.0, "task2", 89.0, "unused", 1.0));
    assertThat(metrics.averagePerformance()).hasValue(74);
    assertThat(metrics.forgetting()).hasValue(6);
    assertThat(metrics.forwardTransfer()).hasValue(2);
    assertThat(metrics.backwardTransfer().orElseThrow()).isCloseTo(-8 / 3.0, within(TOLERANCE));
    assertThat(metrics.backwardTransferLopezPaz()).hasValue(-4);
  }

  @Test
  void dividesBackwardTransferInBothWays() {
    ContinualMetrics metrics = ContinualMetrics.of(ScoreMatrices.of(row(80), row(74, 50)));
    assertThat(metrics.backwardTransfer()).hasValue(-3);
    assertThat(metrics.backwardTransferLopezPaz()).hasValue(-6);
  }

  @Test
  void oneTaskHasNothingToForget() {
    ContinualMetrics metrics =
        ContinualMetrics.of(ScoreMatrices.of(row(70)), Map.of("task0", 72.0));
    assertThat(metrics.averagePerformance()).hasValue(70);
    assertThat(metrics.forgetting()).isEmpty();
    assertThat(metrics.forwardTransfer()).hasValue(-2);
    assertThat(metrics.backwardTransfer()).hasValue(0);
    assertThat(metrics.backwardTransferLopezPaz()).isEmpty();
  }

  @Test
  void forwardTransferNeedsEverySingleTaskScore() {
    assertThat(ContinualMetrics.of(EXAMPLE).forwardTransfer()).isEmpty();
    assertThat(ContinualMetrics.of(EXAMPLE, Map.of("task0", 80.0, "task1", 55.5)).forwardTransfer())
        .isEmpty();
  }

  @Test
  void aMissingScoreOfTheLastRowLeavesOnlyForwardTransfer() {
    ContinualMetrics metrics =
        ContinualMetrics.of(
            ScoreMatrices.of(row(80), row(84, 60), row(77, NONE, 90)),
            Map.of("task0", 80.0, "task1", 60.0, "task2", 90.0));
    assertThat(metrics.averagePerformance()).isEmpty();
    assertThat(metrics.forgetting()).isEmpty();
    assertThat(metrics.backwardTransfer()).isEmpty();
    assertThat(metrics.backwardTransferLopezPaz()).isEmpty();
    assertThat(metrics.forwardTransfer()).hasValue(0);
  }

  @Test
  void aMissingScoreOffTheDiagonalLeavesForgettingUndefined() {
    ContinualMetrics metrics =
        ContinualMetrics.of(ScoreMatrices.of(row(80), row(NONE, 60), row(77, 63, 90)));
    assertThat(metrics.forgetting()).isEmpty();
    assertThat(metrics.averagePerformance()).isPresent();
    assertThat(metrics.backwardTransfer()).hasValue(0);
  }

  @Test
  void aMissingScoreOnTheDiagonalLeavesTransferUndefined() {
    ContinualMetrics metrics =
        ContinualMetrics.of(
            ScoreMatrices.of(row(NONE), row(84, 60), row(77, 63, 90)),
            Map.of("task0", 80.0, "task1", 60.0, "task2", 90.0));
    assertThat(metrics.forwardTransfer()).isEmpty();
    assertThat(metrics.backwardTransfer()).isEmpty();
    assertThat(metrics.forgetting()).isEmpty();
    assertThat(metrics.averagePerformance()).isPresent();
  }

  @Test
  void forgettingLooksAtTheBestScoreBeforeTheLastTask() {
    // The best of all, 95, comes with the last task: F.Ra is negative, not 0.
    ContinualMetrics metrics =
        ContinualMetrics.of(ScoreMatrices.of(row(80), row(90, 60), row(95, 60, 90)));
    assertThat(metrics.forgetting()).hasValue(-2.5);
  }
}
