package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.LlamaFolder;
import org.dapt.app.TestRun;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.gang.MemoryNeed;
import org.dapt.io.ModelFolder;
import org.dapt.models.Models;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryEstimateTest {
  @TempDir private Path folder;

  @Test
  void weightsTakeTheirSizeInTheChosenType() throws IOException {
    // In two bytes each.
    long stored = Files.size(TestRun.MODEL.resolve("model.safetensors"));
    long single = estimate(TestRun.MODEL).shared();
    assertThat(estimate(TestRun.MODEL, "model.dtype=float64").shared() - single)
        .isEqualTo(2 * (single - estimate(TestRun.MODEL, "model.dtype=bfloat16").shared()))
        .isCloseTo(2 * stored, within(stored / 50));
  }

  @Test
  void activationsGrowWithTheMicroBatchAndBlocksWithTheirRank() throws IOException {
    for (Path model : List.of(TestRun.MODEL, LlamaFolder.write(folder.resolve("llama")))) {
      long one = estimate(model, "train.micro-batch-tokens=1024").perRank();
      long two = estimate(model, "train.micro-batch-tokens=2048").perRank();
      long four = estimate(model, "train.micro-batch-tokens=4096").perRank();
      assertThat(one).isPositive();
      assertThat((double) (four - two)).isCloseTo(2.0 * (two - one), within(1e5));
      assertThat(estimate(model, "lora.r=64").perRank()).isGreaterThan(estimate(model).perRank());
    }
  }

  @Test
  void answersGrowWithTheirBatchAndLessThanTraining() throws IOException {
    for (Path model : List.of(TestRun.MODEL, LlamaFolder.write(folder.resolve("llama")))) {
      long one = estimate(model, "evaluate.batch-tokens=2048").perAnswers();
      long two = estimate(model, "evaluate.batch-tokens=4096").perAnswers();
      long four = estimate(model, "evaluate.batch-tokens=8192").perAnswers();
      assertThat(one).isPositive();
      assertThat((double) (four - two)).isCloseTo(2.0 * (two - one), within(1e5));
      // Only answers keep keys and values of what they said.
      assertThat(estimate(model, "evaluate.max-new-tokens=500").perAnswers())
          .isGreaterThan(estimate(model).perAnswers());
      assertThat(
              estimate(model, "evaluate.batch-tokens=4096", "train.micro-batch-tokens=4096")
                  .perAnswers())
          .isLessThan(estimate(model, "train.micro-batch-tokens=4096").perRank());
    }
  }

  @Test
  void whereDevDecidesARankAnswersAsWell() throws IOException {
    String best = "train.select=best-dev";
    assertThat(estimate(TestRun.MODEL, best).perRank())
        .isGreaterThan(estimate(TestRun.MODEL).perRank());
    String small = "train.micro-batch-tokens=64";
    String wide = "evaluate.batch-tokens=100000";
    assertThat(estimate(TestRun.MODEL, small, wide, best).perRank())
        .isGreaterThan(10 * estimate(TestRun.MODEL, small, wide).perRank());
  }

  @Test
  void dropoutTakesMemoryInTrainingAlone() throws IOException {
    MemoryNeed with = estimate(TestRun.MODEL, "model.dropout=0.1");
    assertThat((double) with.perRank() / estimate(TestRun.MODEL).perRank()).isBetween(1.5, 2.0);
    assertThat(with.perAnswers()).isEqualTo(estimate(TestRun.MODEL).perAnswers());
  }

  private MemoryNeed estimate(Path model, String... settings) throws IOException {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("model.path=" + model);
    all.add("run.dir=" + folder);
    all.add("tasks.root=" + folder);
    DaptConfig config = ConfigLoader.parse("", "nothing", all);
    try (ModelFolder opened = Models.open(config.model().path(), new Configuration())) {
      return MemoryEstimate.of(opened, config);
    }
  }
}
