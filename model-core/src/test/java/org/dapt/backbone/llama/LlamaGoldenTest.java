package org.dapt.backbone.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenDecoding;
import org.dapt.fixture.GoldenGradients;
import org.dapt.fixture.GoldenTensors;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Llama against the values of Transformers. */
class LlamaGoldenTest {
  private static Stream<Arguments> models() {
    return Stream.of("llama-tiny", "llama3-tiny")
        .flatMap(
            model ->
                Stream.of("config.json", "config.v4.json")
                    .map(config -> Arguments.of(model, config)));
  }

  private static Stream<Arguments> cases() {
    return models()
        .flatMap(
            model ->
                Stream.of("short", "long")
                    .map(kind -> Arguments.of(model.get()[0], model.get()[1], kind)));
  }

  @ParameterizedTest
  @MethodSource("models")
  void frequenciesOfTheRotaryEmbedding(String model, String config) {
    try (PointerScope scope = new PointerScope();
        LlamaBackbone llama = load(model, config)) {
      double[] expected = Tensors.toDoubles(golden(model).get("inv_freq"));
      float[] actual = llama.rotary().frequencies();
      assertThat(actual).hasSameSizeAs(expected);
      for (int i = 0; i < actual.length; i++) {
        assertThat((double) actual[i]).isCloseTo(expected[i], within(1e-6 * expected[i]));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void logitsAndLoss(String model, String config, String kind) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        LlamaBackbone llama = load(model, config)) {
      GoldenTensors golden = golden(model);
      Batch batch = batch(llama, golden, kind);
      Tensor logits = llama.targetLogits(batch, Adaptation.NONE);
      assertThat(distance(logits, golden.beforeLabels(kind + ".logits", kind + ".labels")))
          .isLessThan(1e-4);
      assertThat(GoldenGradients.loss(logits, batch).item_double())
          .isCloseTo(golden.scalar(kind + ".loss"), within(1e-5));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradients(String model, String config, String kind) {
    try (PointerScope scope = new PointerScope();
        LlamaBackbone llama = load(model, config)) {
      Batch batch = batch(llama, golden(model), kind);
      GoldenGradients.assertGradients(llama, llama.weights(), batch, model, kind);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void greedyDecoding(String model, String config, String kind) {
    try (PointerScope scope = new PointerScope();
        LlamaBackbone llama = load(model, config)) {
      GoldenTensors golden = golden(model);
      String prompts = kind + ".prompt.input_ids";
      List<int[]> sources = golden.rows(prompts, kind + ".prompt.attention_mask");
      GoldenDecoding.assertAnswers(llama, sources, golden, kind, golden.get(prompts).size(1));
    }
  }

  private static LlamaBackbone load(String model, String config) {
    try (ModelFolder folder = ModelFolder.open(Fixtures.folder(model), config)) {
      return LlamaBackbone.load(folder, Placement.cpu(ComputeType.FLOAT32));
    }
  }

  private static GoldenTensors golden(String model) {
    return GoldenGradients.expected(model);
  }

  private static Batch batch(LlamaBackbone llama, GoldenTensors golden, String kind) {
    List<int[]> prompts = golden.rows(kind + ".input_ids", kind + ".source_mask");
    return new Batch(llama.source(prompts), golden.labels(kind + ".labels"));
  }
}
