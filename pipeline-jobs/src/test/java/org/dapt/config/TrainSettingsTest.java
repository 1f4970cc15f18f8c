package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** How many optimizer steps a task gets. */
class TrainSettingsTest {
  @Test
  void epochsAreTakenWholeAndTheLastBatchToo() {
    assertThat(steps(10, 32, 0, 320)).isEqualTo(100);
    assertThat(steps(3, 32, 0, 33)).isEqualTo(4);
  }

  @Test
  void aTaskSmallerThanABatchTakesAStepInEveryEpoch() {
    assertThat(steps(10, 32, 0, 3)).isEqualTo(10);
    assertThat(steps(10, 32, 0, 31)).isEqualTo(10);
    assertThat(steps(1, 32, 0, 1)).isEqualTo(1);
  }

  @Test
  void theBoundOfStepsHoldsForSmallTasksToo() {
    assertThat(steps(10, 32, 4, 3)).isEqualTo(4);
    assertThat(steps(10, 32, 4, 3000)).isEqualTo(4);
  }

  private static long steps(int epochs, int batch, int most, long examples) {
    return ConfigLoader.parse(
            "",
            "test",
            List.of(
                "model.path=model",
                "tasks.root=tasks",
                "run.dir=run",
                "train.epochs=" + epochs,
                "train.global-batch=" + batch,
                "train.max-steps=" + most))
        .train()
        .steps(examples);
  }
}
