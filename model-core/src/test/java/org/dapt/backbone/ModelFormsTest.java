package org.dapt.backbone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.ModelVariant;
import org.dapt.io.Dtype;
import org.dapt.io.LocalModelFiles;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which published models lie on disk: loaded as what they are, or refused by name. */
class ModelFormsTest {
  private static final String OUTPUT = "lm_head.weight";
  private static final String LLAMA = "model.embed_tokens.weight";
  private static final String T5 = "shared.weight";

  @TempDir private Path folder;

  private static Stream<Arguments> tied() {
    return Stream.of(
        Arguments.of("llama3-tiny", LLAMA, OUTPUT),
        Arguments.of("t5-v10-tiny", T5, "encoder.embed_tokens.weight"),
        Arguments.of("t5-v10-tiny", T5, "decoder.embed_tokens.weight"),
        Arguments.of("t5-v10-tiny", T5, OUTPUT),
        Arguments.of("t5-v11-tiny", T5, "encoder.embed_tokens.weight"),
        Arguments.of("t5-v11-tiny", T5, "decoder.embed_tokens.weight"));
  }

  @ParameterizedTest(name = "{0} as {2}")
  @MethodSource("tied")
  void aTiedMatrixIsFoundUnderAnyOfItsNames(String fixture, String name, String other) {
    double[] expected = logits(ModelVariant.of(fixture).write(folder.resolve("plain")));
    Path renamed = ModelVariant.of(fixture).rename(name, other).write(folder.resolve("renamed"));
    check(renamed);
    assertThat(logits(renamed)).isEqualTo(expected);
  }

  /**
   * Before there are weights: the shapes that a configuration asks for are those of its weights.
   */
  @ParameterizedTest
  @ValueSource(strings = {"t5-v10-tiny", "t5-v11-tiny", "llama-tiny", "llama3-tiny"})
  void aConfigurationTellsTheShapes(String fixture) {
    Path whole = Fixtures.folder(fixture);
    try (ModelFolder weights = ModelFolder.open(whole);
        ModelFolder config = ModelFolder.withoutWeights(whole.resolve("config.v4.json"))) {
      assertThat(Backbones.shapes(config))
          .usingRecursiveComparison()
          .isEqualTo(Backbones.shapes(weights));
    }
  }

  @Test
  void theDigestInMemoryIsThatOfTheWeightsWhateverTheirNames() {
    Path plain = ModelVariant.of("llama3-tiny").write(folder.resolve("plain"));
    Path renamed =
        ModelVariant.of("llama3-tiny").rename(LLAMA, OUTPUT).write(folder.resolve("renamed"));
    try (Backbone one = load(plain);
        Backbone other = load(renamed)) {
      assertThat(other.sha256()).isEqualTo(one.sha256());
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void anOutputMatrixOfItsOwnIsUsedThoughTheConfigurationSaysTied(String fixture, String name) {
    double[] tied = logits(ModelVariant.of(fixture).write(folder.resolve("tied")));
    ModelVariant equal = ModelVariant.of(fixture);
    equal.tensors().put(OUTPUT, equal.tensors().get(name));
    assertThat(logits(equal.write(folder.resolve("equal")))).isEqualTo(tied);
    Path own = ModelVariant.of(fixture).packedLike(name, OUTPUT).write(folder.resolve("own"));
    check(own);
    assertThat(logits(own)).containsOnly(0).hasSameSizeAs(tied);
  }

  private static Stream<Arguments> families() {
    return Stream.of(Arguments.of("llama3-tiny", LLAMA), Arguments.of("t5-v10-tiny", T5));
  }

  /** As Transformers 5 writes every mT5, as 4 has written them, and without what goes by itself. */
  private static Stream<Consumer<ObjectNode>> multilingual() {
    return Stream.of(
        config -> config.put("tie_word_embeddings", true),
        config -> config.put("tie_word_embeddings", false),
        config -> config.remove(List.of("tie_word_embeddings", "feed_forward_proj")));
  }

  @ParameterizedTest
  @MethodSource("multilingual")
  void mT5IsT5OfTheKindWithGateAndWithoutScale(Consumer<ObjectNode> form) {
    double[] expected = logits(ModelVariant.of("t5-v11-tiny").write(folder.resolve("t5")));
    ModelVariant variant =
        ModelVariant.of("t5-v11-tiny").config(config -> config.put("model_type", "mt5"));
    variant.config(config -> config.remove("scale_decoder_outputs")).config(form);
    assertThat(logits(variant.write(folder.resolve("mt5")))).isEqualTo(expected);
  }

  @Test
  void anUntiedModelWithoutItsOutputMatrixIsRefused() {
    for (String fixture : List.of("llama-tiny", "t5-v10-tiny")) {
      ModelVariant variant =
          ModelVariant.of(fixture).config(config -> config.put("tie_word_embeddings", false));
      variant.tensors().remove(OUTPUT);
      refused(variant.write(folder.resolve(fixture)), OUTPUT + " is missing");
    }
  }

  private static Stream<Arguments> quantised() {
    String q = "model.layers.0.self_attn.q_proj.weight";
    String stem = q.substring(0, q.length() - "weight".length());
    Consumer<ModelVariant> gptq =
        model -> {
          model.tensors().remove(q);
          model
              .packed(stem + "qweight", Dtype.I32, 4, 16)
              .packed(stem + "scales", Dtype.F16, 1, 16);
        };
    return Stream.of(
        form("gptq", gptq.andThen(m -> m.config(c -> quantised(c, "gptq"))), "quantised by gptq"),
        form("no word in the configuration", gptq, stem + "qweight"),
        form("mlx", m -> m.config(c -> c.putObject("quantization").put("bits", 4)), "quantization"),
        form(
            "bitsandbytes",
            m -> m.config(c -> c.putObject("quantization_config").put("load_in_4bit", true)),
            "quantised by bitsandbytes"),
        form("eight bits", m -> m.packed(q, Dtype.I8, 16, 16), q + " is stored as I8"),
        form("four bits", m -> m.packed(q, Dtype.U8, 128, 1), q + " is stored as U8"));
  }

  private static Arguments form(String name, Consumer<ModelVariant> change, String message) {
    return Arguments.of(name, change, message);
  }

  private static void quantised(ObjectNode config, String method) {
    config.putObject("quantization_config").put("bits", 4).put("quant_method", method);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("quantised")
  void quantisedModelsAreRefusedAsSuch(String name, Consumer<ModelVariant> change, String message) {
    ModelVariant variant = ModelVariant.of("llama-tiny");
    change.accept(variant);
    refused(variant.write(folder), "quantised", message, "unquantised folder");
  }

  @Test
  void aFileBesideTheConfigurationSaysThatAModelIsQuantised() throws IOException {
    ModelVariant.of("llama-tiny").write(folder);
    Files.writeString(folder.resolve("quantize_config.json"), "{\"bits\": 4}");
    refused(folder, "quantised", "quantize_config.json");
  }

  @Test
  void typesOfFewerBitsAreRefusedAsQuantised() throws IOException {
    ModelVariant.of("llama-tiny").write(folder);
    Path file = folder.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    String latin = new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    String changed = latin.replaceFirst("\"dtype\":\"F32\"", "\"dtype\":\"F8X\"");
    Files.write(file, changed.getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
    refused(folder, "F8X", "unquantised");
  }

  private static Stream<Arguments> notFinite() {
    return Stream.of(
        Arguments.of(Dtype.F32, 0x7fc00000L, "NaN"),
        Arguments.of(Dtype.F32, 0xff800000L, "-Infinity"),
        Arguments.of(Dtype.F16, 0x7c00L, "Infinity"),
        Arguments.of(Dtype.BF16, 0x7fc0L, "NaN"),
        Arguments.of(Dtype.F64, 0x7ff8000000000000L, "NaN"),
        // 1e300 is a number, but none of float32.
        Arguments.of(Dtype.F64, Double.doubleToLongBits(1e300), "Infinity"));
  }

  @ParameterizedTest
  @MethodSource("notFinite")
  void weightsThatAreNotFiniteAreNamed(Dtype dtype, long bits, String found) {
    String name = "encoder.block.0.layer.0.SelfAttention.q.weight";
    Path model = ModelVariant.of("t5-v10-tiny").first(name, dtype, bits).write(folder);
    assertThatThrownBy(() -> load(model))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(name, found, model.resolve("model.safetensors").toString());
    // What needs no weights does not read them.
    check(model);
  }

  @Test
  void aPointerOfGitLfsIsNamed() throws IOException {
    ModelVariant.of("t5-v10-tiny").write(folder);
    String pointer =
        "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 990345061\n";
    for (String file : List.of("model.safetensors", "config.json")) {
      byte[] before = Files.readAllBytes(folder.resolve(file));
      Files.writeString(folder.resolve(file), pointer);
      refused(folder, file, "pointer of Git LFS", "git lfs pull");
      Files.write(folder.resolve(file), before);
    }
  }

  private static Stream<Consumer<ModelVariant>> unfit() {
    return Stream.of(
        m -> m.config(c -> c.put("model_type", "mistral").put("sliding_window", 4096)),
        m -> m.config(c -> c.put("model_type", "gemma")),
        m -> m.config(c -> c.put("model_type", "qwen2")),
        m -> m.config(c -> c.put("attention_bias", true)),
        m -> m.config(c -> c.put("pad_token_id", 512)),
        m -> m.config(c -> c.put("hidden_act", "gelu")),
        m -> m.config(c -> c.putObject("rope_parameters").put("rope_type", "yarn")),
        m -> m.config(c -> c.put("num_hidden_layers", 99)),
        m -> m.config(c -> c.put("intermediate_size", 7)),
        m -> m.tensors().remove("model.norm.weight"),
        m -> m.packed("model.layers.0.self_attn.q_proj.bias", Dtype.F32, 16),
        m -> m.packed("model.norm.weight", Dtype.I64, 16));
  }

  @ParameterizedTest
  @MethodSource("unfit")
  void whatLoadingRefusesIsRefusedWithoutReadingAWeight(Consumer<ModelVariant> change) {
    ModelVariant variant = ModelVariant.of("llama-tiny");
    change.accept(variant);
    Path model = variant.write(folder);
    InputException loading = catchThrowableOfType(InputException.class, () -> load(model).close());
    InputException checking = catchThrowableOfType(InputException.class, () -> check(model));
    assertThat(loading).isNotNull();
    assertThat(checking).hasMessage(loading.getMessage());
  }

  private static Stream<Arguments> endingEarly() {
    return Stream.of("t5-v10-tiny", "llama-tiny")
        .flatMap(
            fixture ->
                Stream.<Consumer<ModelVariant>>of(
                        model -> {},
                        model -> model.tensors().remove(last(model)),
                        model -> model.first(last(model), Dtype.F32, 0x7fc00000L))
                    .map(change -> Arguments.of(fixture, change)));
  }

  /** What is read last, but for the table of positions. */
  private static String last(ModelVariant model) {
    return model.tensors().containsKey("model.norm.weight")
        ? "model.norm.weight"
        : "decoder.final_layer_norm.weight";
  }

  @ParameterizedTest
  @MethodSource("endingEarly")
  void whatIsClosedOrCannotBeLoadedLeavesNoMemoryBehind(
      String fixture, Consumer<ModelVariant> change) {
    ModelVariant variant = ModelVariant.of(fixture);
    change.accept(variant);
    Path model = variant.write(folder);
    use(model);
    long pointers = Pointer.totalCount();
    use(model);
    assertThat(Pointer.totalCount()).isLessThanOrEqualTo(pointers);
  }

  private static void use(Path model) {
    try (Backbone backbone = load(model)) {
      assertThat(backbone.projections()).isNotEmpty();
    } catch (InputException e) {
      assertThat(e).hasMessageContaining(model.toString());
    }
  }

  private static void refused(Path model, String... parts) {
    assertThatThrownBy(() -> load(model))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(parts)
        .hasMessageContaining(model.toString());
    assertThatThrownBy(() -> check(model))
        .isInstanceOf(InputException.class)
        .hasMessageContainingAll(parts);
  }

  private static void check(Path folder) {
    try (ModelFolder model =
        ModelFolder.open(new LocalModelFiles(folder, folder.toString(), false))) {
      Backbones.check(model);
    }
  }

  private static Backbone load(Path model) {
    return Backbones.load(model, Placement.cpu(ComputeType.FLOAT32));
  }

  private static double[] logits(Path model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = load(model)) {
      Source source = backbone.source(List.of(new int[] {5, 9, 3}, new int[] {7, 4}));
      Batch batch = new Batch(source, List.of(new int[] {6, 1}, new int[] {8, 2, 1}));
      return Tensors.toDoubles(backbone.targetLogits(batch, Adaptation.NONE));
    }
  }
}
