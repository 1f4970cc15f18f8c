package org.dapt.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import org.dapt.io.ModelFolder;
import org.dapt.job.ModelShape;
import org.dapt.pet.LoraTargets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperationsTest {
  private static final Path SHAPES =
      Path.of(System.getProperty("dapt.home"), "conf", "models", "shapes");

  private static ModelShape shape(String model) {
    try (ModelFolder folder = ModelFolder.withoutWeights(SHAPES.resolve(model + ".json"))) {
      return ModelShape.of(folder);
    }
  }

  private static Operations operations(String model, int rank) {
    ModelShape shape = shape(model);
    return new Operations(shape, LoraTargets.DEFAULT.of(shape.projections()), rank);
  }

  /** What {@code benchmarks/flops.py} prints, which is held to PyTorch's counter. */
  @ParameterizedTest
  @CsvSource({
    "t5-large, 512, 16, 32, 4, 0, 26492096479232",
    "t5-large, 512, 16, 32, 4, 14, 27050173792256",
    "llama-2-7b, 300, 20, 8, 8, 2, 67836995174400",
    "smollm2-135m, 180, 10, 8, 8, 0, 718651146240"
  })
  void learningTakesWhatTheBenchmarksCount(
      String model, int source, int target, int examples, int rank, int earlier, double expected) {
    assertThat(examples * operations(model, rank).learning(source, target, earlier))
        .isCloseTo(expected, within(1e-9 * expected));
  }

  /** Forward only: a third of what full training of the same matrices would take. */
  @Test
  void answeringTakesTheForwardPass() {
    for (String model : new String[] {"t5-large", "llama-2-7b"}) {
      ModelShape shape = shape(model);
      Operations frozen = new Operations(shape, java.util.List.of(), 8);
      assertThat(frozen.answering(100, 10, 1) / frozen.learning(100, 10, 0)).isBetween(0.33, 0.5);
    }
  }

  /** Parameters of the published models, norms and position biases included. */
  @ParameterizedTest
  @CsvSource({
    "t5-small, 60506624",
    "t5-large, 737668096",
    "t5-3b, 2851598336",
    "llama-2-7b, 6738415616",
    "llama-2-13b, 13015864320"
  })
  void shapesHaveTheParametersOfThePublishedModels(String model, long expected) {
    assertThat(shape(model).parameters()).isEqualTo(expected);
  }

  @Test
  void aStatedSpeedTellsTheTime() {
    RunCost cost =
        new RunCost(
            operations("t5-large", 4),
            Throughput.of(1000, org.dapt.tensor.ComputeType.FLOAT32, false));
    assertThat(cost.isNothing()).isTrue();
    TaskSize task = new TaskSize(100, 10, 10, 90, 10);
    assertThat(cost.learn(task, 3600, 0, 0)).isEqualTo(360_000);
    assertThat(cost.text(1)).contains("on 1 rank of 1000 tokens/s", "learning 6 min 0 s");
    assertThat(cost.text(2)).contains("on 2 ranks", "learning 3 min 0 s");
    cost.answer(task, 10, 1, 0);
    assertThat(cost.text(1)).contains("for 10 inputs").doesNotContain("assumption");
  }
}
