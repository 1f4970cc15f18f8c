package org.dapt.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  void blocksOnMoreLayersTakeMoreAndSoDoesTheirDropout() throws IOException {
    for (Path model : List.of(TestRun.MODEL, LlamaFolder.write(folder.resolve("llama")))) {
      MemoryEstimate two = estimated(model, "lora.r=16");
      MemoryEstimate all = estimated(model, "lora.r=16", "lora.targets=all-linear");
      MemoryEstimate attention = estimated(model, "lora.r=16", "lora.targets=q,k,v,o");
      assertThat(all.blocks()).isGreaterThan(attention.blocks());
      assertThat(attention.blocks()).isGreaterThan(two.blocks());
      // Only blocks on feed-forward layers keep an input that nothing else keeps.
      assertThat(attention.activations()).isEqualTo(two.activations());
      assertThat(all.activations()).isGreaterThan(two.activations());
      MemoryEstimate dropped = estimated(model, "lora.r=16", "lora.dropout=0.1");
      assertThat(dropped.activations()).isGreaterThan(two.activations());
      assertThat(dropped.blocks()).isEqualTo(two.blocks());
    }
  }

  /** Of methods that keep statistics of a task's inputs beside its block. */
  @Test
  void statisticsOfInputsTakeMemoryInRanksAndInAnswers() throws IOException {
    MemoryEstimate plain = estimated(TestRun.MODEL, "method.name=o-lora");
    assertThat(plain.sums()).isZero();
    for (String method : List.of("inf-lora", "gain-lora", "epi")) {
      MemoryEstimate more = estimated(TestRun.MODEL, "method.name=" + method);
      assertThat(more.blocks()).isGreaterThan(plain.blocks());
      assertThat(more.sums()).isPositive();
      assertThat(more.onProcessor().perRank()).isGreaterThanOrEqualTo(more.passes());
      assertThat(more.onProcessor().perAnswers()).isGreaterThan(plain.onProcessor().perAnswers());
    }
    // A square of the width for each input: self-attention of both stacks, and the queries across.
    long inputs = inputs();
    assertThat(estimated(TestRun.MODEL, "method.name=inf-lora").sums())
        .isEqualTo(8 * 256 * 256 * inputs);
    assertThat(estimated(TestRun.MODEL, "method.name=epi", "tasks.order=[a,b,c]").blocks())
        .isGreaterThan(
            estimated(TestRun.MODEL, "method.name=o-lora", "tasks.order=[a,b,c]").blocks()
                + 3 * 4 * 256 * 256);
  }

  /** Attentions of the model. */
  private static long inputs() throws IOException {
    try (ModelFolder model = ModelFolder.open(TestRun.MODEL)) {
      return model.names().stream().filter(name -> name.endsWith("Attention.q.weight")).count();
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
    // Of weights of attention of 512 tokens to each other there is three times as much then.
    assertThat((double) with.perRank() / estimate(TestRun.MODEL).perRank()).isBetween(1.8, 2.5);
    String few = "tasks.max-source-tokens=32";
    assertThat(
            (double) estimate(TestRun.MODEL, few, "model.dropout=0.1").perRank()
                / estimate(TestRun.MODEL, few).perRank())
        .isBetween(1.2, 2.0);
    assertThat(with.perAnswers()).isEqualTo(estimate(TestRun.MODEL).perAnswers());
  }

  @Test
  void layersThatAreComputedAgainLeaveLess() throws IOException {
    for (Path model : List.of(TestRun.MODEL, LlamaFolder.write(folder.resolve("llama")))) {
      assertThat(estimate(model, "train.recompute=true").perRank())
          .isLessThan(estimate(model).perRank());
    }
  }

  @Test
  void aGpuTakesTheTensors() throws IOException {
    MemoryEstimate estimate =
        MemoryEstimate.of(
            ModelFolder.open(TestRun.MODEL),
            ConfigLoader.parse(
                "",
                "nothing",
                List.of(
                    "model.path=" + TestRun.MODEL, "run.dir=" + folder, "tasks.root=" + folder)),
            true);
    assertThat(estimate.besideGpu().perRank()).isEqualTo(estimate.blocks());
    assertThat(estimate.learningOnGpu())
        .isEqualTo(
            estimate.weights() + estimate.blocks() + estimate.optimizer() + estimate.activations());
    assertThat(estimate.answeringOnGpu()).isGreaterThan(estimate.weights() + estimate.cache());
  }

  /** What {@code dapt bench step} took on the shape of t5-small, 8 × 512 + 50 in float32. */
  @Test
  void isCloseToWhatWasMeasured() throws IOException {
    Path model = t5Small(folder.resolve("t5-small"));
    long mib = estimate(model, "train.micro-batch-tokens=4096").of(1) >> 20;
    assertThat((double) mib).isCloseTo(2138, within(0.15 * 2138));
  }

  private MemoryNeed estimate(Path model, String... settings) throws IOException {
    return estimated(model, settings).onProcessor();
  }

  private MemoryEstimate estimated(Path model, String... settings) throws IOException {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("model.path=" + model);
    all.add("run.dir=" + folder);
    all.add("tasks.root=" + folder);
    DaptConfig config = ConfigLoader.parse("", "nothing", all);
    try (ModelFolder opened = Models.open(config.model().path(), new Configuration())) {
      return MemoryEstimate.of(opened, config, false);
    }
  }

  /** Configuration and header of t5-small, with no weights behind it but a hole of their size. */
  private static Path t5Small(Path folder) throws IOException {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    shapes.put("shared.weight", List.of(32128, 512));
    for (String stack : List.of("encoder", "decoder")) {
      for (int i = 0; i < 6; i++) {
        List<String> parts =
            stack.equals("encoder")
                ? List.of("SelfAttention", "DenseReluDense")
                : List.of("SelfAttention", "EncDecAttention", "DenseReluDense");
        for (int j = 0; j < parts.size(); j++) {
          String layer = "%s.block.%d.layer.%d.".formatted(stack, i, j);
          shapes.put(layer + "layer_norm.weight", List.of(512));
          if (parts.get(j).equals("DenseReluDense")) {
            shapes.put(layer + "DenseReluDense.wi.weight", List.of(2048, 512));
            shapes.put(layer + "DenseReluDense.wo.weight", List.of(512, 2048));
          } else {
            for (String role : List.of("q", "k", "v", "o")) {
              shapes.put(layer + parts.get(j) + "." + role + ".weight", List.of(512, 512));
            }
          }
        }
      }
    }
    StringBuilder header = new StringBuilder("{");
    long at = 0;
    for (Map.Entry<String, List<Integer>> tensor : shapes.entrySet()) {
      long bytes = 4L * tensor.getValue().stream().mapToLong(n -> n).reduce(1, (x, y) -> x * y);
      header.append(
          "%s\"%s\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(at == 0 ? "" : ",", tensor.getKey(), tensor.getValue(), at, at + bytes));
      at += bytes;
    }
    header.append("}");
    Files.createDirectories(folder);
    Files.writeString(
        folder.resolve("config.json"),
        """
        {"model_type": "t5", "d_model": 512, "d_kv": 64, "d_ff": 2048, "num_layers": 6,
         "num_heads": 8, "vocab_size": 32128, "feed_forward_proj": "relu"}
        """);
    try (RandomAccessFile sparse =
        new RandomAccessFile(folder.resolve("model.safetensors").toFile(), "rw")) {
      sparse.writeLong(Long.reverseBytes(header.length()));
      sparse.writeBytes(header.toString());
      sparse.setLength(8 + header.length() + at);
    }
    return folder;
  }
}
