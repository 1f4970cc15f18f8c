package org.dapt.realign.dl4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.SparkException;
import org.apache.spark.sql.SparkSession;
import org.dapt.error.InputException;
import org.dapt.error.TrainingException;
import org.dapt.realign.FitPlan;
import org.dapt.realign.FittedSelection;
import org.dapt.realign.SelectionEngine;
import org.dapt.realign.SelectionValues;
import org.dapt.spark.SparkFailures;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine on Spark in this process, against libtorch and against the engine of the product. */
class Dl4jEngineTest {
  private static SparkSession spark;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    spark = TestSession.local();
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void reachesWhatTheOtherEngineReaches() {
    FitPlan plan = Problem.of(60).plan(spark, folder, 120, 2);
    FittedSelection own = SelectionEngine.named("native").fit(plan);
    FittedSelection fitted = SelectionEngine.named("dl4j").fit(plan);
    assertThat(fitted.before()).isCloseTo(own.before(), withinPercentage(0.01)).isGreaterThan(0.4);
    assertThat(fitted.after()).isCloseTo(own.after(), withinPercentage(2)).isLessThan(0.005);
  }

  @Test
  void everyStepIsOneOfAdamOverAllRows() {
    Problem problem = Problem.of(7);
    List<Double> expected;
    try (TorchFit torch = new TorchFit(problem)) {
      expected = torch.losses(30);
    }
    // Shards of 7; of 4 and 3; of 3, 3 and 1; and of 2, 2, 2 and 1, where one of five is left out.
    for (int parallelism : new int[] {1, 2, 3, 5}) {
      FittedSelection fitted = fit(problem.plan(spark, folder, 30, parallelism));
      assertThat(fitted.losses()).as("losses of %d", parallelism).hasSameSizeAs(expected);
      for (int step = 0; step < expected.size(); step++) {
        assertThat(fitted.losses().get(step))
            .as("loss %d of %d at once", step, parallelism)
            .isCloseTo(expected.get(step), within(1e-9));
      }
    }
  }

  @Test
  void theValuesHaveTheLossThatItTells() {
    Problem problem = Problem.of(10);
    FittedSelection fitted = fit(problem.plan(spark, folder, 5, 2));
    try (TorchFit torch = new TorchFit(problem.startingAt(fitted.values()))) {
      assertThat(torch.loss()).isCloseTo(fitted.after(), within(1e-6));
    }
  }

  @Test
  void withOneTaskThereIsNothingToFit() {
    SelectionValues start = Problem.of(3).start();
    SelectionValues one =
        new SelectionValues(
            1,
            start.width(),
            start.hidden(),
            Arrays.copyOf(start.keys(), start.width()),
            start.down(),
            start.up(),
            start.normWeight(),
            start.normBias());
    FittedSelection fitted = fit(Problem.of(3).startingAt(one).plan(spark, folder, 5, 2));
    assertThat(fitted.values()).isSameAs(one);
    assertThat(fitted.losses()).containsExactly(0.0, 0.0);
  }

  @Test
  void aLossThatIsNoNumberEndsIt() {
    Problem problem = Problem.of(9);
    problem.seen()[4][3] = Float.NaN;
    assertThatThrownBy(() -> fit(problem.plan(spark, folder, 5, 2)))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("The loss is NaN before the first step")
        .hasMessageContaining("not finite");
  }

  @Test
  void tooLargeStepsEndIt() {
    FitPlan plan = Problem.of(9).plan(spark, folder, 5, 2);
    FitPlan wild =
        new FitPlan(
            spark, plan.inputs(), plan.rows(), plan.start(), plan.temperature(), 5, 1e200, 2);
    assertThatThrownBy(() -> fit(wild))
        .isInstanceOf(TrainingException.class)
        .hasMessageMatching("The loss is .* after 1 of 5 steps; nothing was kept.*")
        .hasMessageContaining("smaller realign.learning-rate than 1.0E200");
  }

  @Test
  void aLossThatDoesNotMoveEndsIt() {
    SelectionValues start = Problem.of(9).start();
    SelectionValues nothing =
        new SelectionValues(
            start.tasks(),
            start.width(),
            start.hidden(),
            new float[start.keys().length],
            start.down(),
            start.up(),
            new float[start.width()],
            new float[start.width()]);
    FitPlan plan = Problem.of(9).startingAt(nothing).plan(spark, folder, 5, 2);
    assertThatThrownBy(() -> fit(plan))
        .isInstanceOf(TrainingException.class)
        .hasMessageContaining("after 0 of 5 steps and does not move")
        .hasMessageContaining("realign.engine = native");
  }

  @Test
  void aTableWithOtherRowsThanPlannedIsRefused() {
    FitPlan plan = Problem.of(9).plan(spark, folder, 5, 2);
    FitPlan more =
        new FitPlan(spark, plan.inputs(), 10, plan.start(), plan.temperature(), 5, 0.01, 2);
    assertThatThrownBy(() -> fit(more))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 9 rows, 10 are expected");
  }

  @Test
  void aRowOfAnotherModelIsRefusedOnTheExecutor() {
    Problem problem = Problem.of(9);
    problem.seen()[4] = new float[12];
    assertThatThrownBy(() -> fit(problem.plan(spark, folder, 5, 2)))
        .extracting(SparkFailures::unwrap)
        .isInstanceOf(InputException.class)
        .extracting(Throwable::getMessage)
        .asString()
        .contains("Input 1 of task task 1 has 12 numbers and a target of 3, expected 16 and 3");
  }

  @Test
  void aTaskThatFailsEndsIt() throws IOException {
    FitPlan plan = Problem.of(9).plan(spark, folder, 5, 2);
    try (Stream<Path> files = Files.list(Path.of(plan.inputs()))) {
      Path part = files.filter(file -> file.toString().endsWith(".parquet")).findFirst().get();
      byte[] bytes = Files.readAllBytes(part);
      Arrays.fill(bytes, 4, bytes.length / 2, (byte) 7);
      Files.write(part, bytes);
      Files.deleteIfExists(part.resolveSibling("." + part.getFileName() + ".crc"));
    }
    assertThatThrownBy(() -> fit(plan)).isInstanceOf(SparkException.class);
  }

  private static FittedSelection fit(FitPlan plan) {
    return new Dl4jEngine(1).fit(plan);
  }
}
