package org.dapt.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Projection;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenGradients;
import org.dapt.fixture.GoldenTensors;
import org.dapt.io.SafetensorsFile;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.LoraScale;
import org.dapt.pet.LoraStart;
import org.dapt.pet.LoraTargets;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Adapters that PEFT wrote, read as blocks and written again, against the values of PEFT. */
class PeftGoldenTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);
  private static final LoraScale SCALE = new LoraScale(8, false);
  private static final PeftLora PLAIN =
      new PeftLora(SCALE, LoraTargets.DEFAULT, LoraStart.KAIMING, 0);

  @ParameterizedTest
  @CsvSource({
    "t5-v10-tiny, peft-lora-t5, short",
    "t5-v10-tiny, peft-lora-t5, long",
    "llama-tiny, peft-lora-llama, short",
    "llama-tiny, peft-lora-llama, long"
  })
  void theBlockComputesWhatPeftComputes(String model, String adapter, String kind) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = Backbones.load(Fixtures.folder(model), HOST)) {
      GoldenTensors inputs = GoldenGradients.expected(model);
      GoldenTensors golden =
          GoldenTensors.read(Fixtures.folder(adapter).resolve("expected.safetensors"));
      boolean decoderOnly = model.startsWith("llama");
      List<int[]> sources =
          inputs.rows(
              kind + ".input_ids", kind + (decoderOnly ? ".source_mask" : ".attention_mask"));
      Batch batch = new Batch(backbone.source(sources), inputs.labels(kind + ".labels"));
      // Another α than the adapter's: what is missing must have gone into B.
      Map<String, Tensor> block = block(backbone, adapter, config -> {});
      try (LoraBank bank =
          new LoraBank(
              backbone.placement(), adapted(backbone), List.of(LoraBlock.of(block)), null, SCALE)) {
        Tensor alone = torch.ones(new long[] {sources.size(), 1});
        Tensor logits = backbone.targetLogits(batch, bank.mix(alone));
        assertThat(GoldenGradients.loss(logits, batch).item_double())
            .isCloseTo(golden.scalar(kind + ".loss"), within(1e-5));
        if (golden.has(kind + ".logits")) {
          Tensor labels = inputs.get(kind + ".labels");
          assertThat(distance(logits, at(golden.get(kind + ".logits"), labels, decoderOnly)))
              .isLessThan(1e-4);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"t5-v10-tiny, peft-lora-t5", "llama-tiny, peft-lora-llama"})
  void readAndWrittenAgainItIsTheSameAdapter(String model, String adapter) {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = Backbones.load(Fixtures.folder(model), HOST)) {
      ObjectNode config = config(adapter);
      LoraScale own = new LoraScale(config.get("lora_alpha").doubleValue(), false);
      Map<String, Tensor> block = block(backbone, adapter, own, found -> {});
      PeftFiles written =
          PeftAdapters.of(
              BlockKind.LORA,
              block,
              new PeftLora(own, LoraTargets.DEFAULT, LoraStart.KAIMING, 0),
              config.get("task_type").textValue(),
              "llama-or-t5",
              "the block");
      try (SafetensorsFile ours = SafetensorsFile.parse(written.weightBytes(), "ours");
          SafetensorsFile theirs =
              SafetensorsFile.open(Fixtures.folder(adapter).resolve(PeftFiles.WEIGHTS))) {
        assertThat(ours.names()).isEqualTo(theirs.names());
        ours.names().forEach(name -> assertThat(ours.data(name)).isEqualTo(theirs.data(name)));
      }
      ObjectNode same = PeftFiles.object(written.configBytes(), "ours");
      for (String key :
          List.of("peft_type", "task_type", "r", "lora_alpha", "target_modules", "bias")) {
        assertThat(same.get(key)).as(key).isEqualTo(config.get(key));
      }
      // PEFT must know every key that we write.
      same.fieldNames().forEachRemaining(key -> assertThat(config.has(key)).as(key).isTrue());
    }
  }

  @Test
  void theScaleOfRsloraIsByTheRootOfTheRank() {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = t5()) {
      Map<String, Tensor> plain = block(backbone, "peft-lora-t5", config -> {});
      Map<String, Tensor> rs =
          block(backbone, "peft-lora-t5", config -> config.put("use_rslora", true));
      double rank = config("peft-lora-t5").get("r").doubleValue();
      plain.forEach(
          (name, tensor) -> {
            double factor = name.endsWith(".lora_B") ? Math.sqrt(rank) : 1;
            assertThat(distance(rs.get(name), tensor.mul(new Scalar(factor)))).isLessThan(1e-5);
          });
    }
  }

  private static Stream<Arguments> refused() {
    return Stream.of(
        refused("use_dora", "DoRA", config -> config.put("use_dora", true)),
        refused("bias", "trained biases", config -> config.put("bias", "lora_only")),
        refused("lora_bias", "biases beside", config -> config.put("lora_bias", true)),
        refused("modules", "trained whole", config -> config.putArray("modules_to_save").add("x")),
        refused(
            "ranks",
            "has rank 4, peft-lora-t5/adapter_config.json says r = 2",
            config -> config.putObject("rank_pattern").put("q", 2)),
        refused(
            "pattern",
            "rank_pattern has the name (a+)+",
            config -> config.putObject("rank_pattern").put("(a+)+", 4)),
        refused(
            "no alpha",
            "a number above 0 is expected at q of alpha_pattern, found 0",
            config -> config.putObject("alpha_pattern").put("q", 0)),
        refused("unknown", "use_something", config -> config.put("use_something", "yes")),
        refused("pissa", "pissa", config -> config.put("init_lora_weights", "pissa")),
        refused("type", "peft_type IA3", config -> config.put("peft_type", "IA3")),
        refused("no type", "peft_type none", config -> config.remove("peft_type")),
        refused("task", "task_type CAUSAL_LM", config -> config.put("task_type", "CAUSAL_LM")),
        refused("rank", "has rank", config -> config.put("r", 3)),
        refused("no rank", "above 0 is expected at r", config -> config.remove("r")),
        refused("alpha", "found 0", config -> config.put("lora_alpha", 0)));
  }

  private static Arguments refused(String what, String message, Consumer<ObjectNode> change) {
    return Arguments.of(what, message, change);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refused")
  void whatABlockCannotExpressIsRefused(String what, String message, Consumer<ObjectNode> change) {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = t5()) {
      assertThatThrownBy(() -> block(backbone, "peft-lora-t5", change))
          .isInstanceOf(InputException.class)
          .hasMessageContaining(message)
          .hasMessageContaining("adapter_");
    }
  }

  @Test
  void otherModulesOrShapesAreRefused() throws IOException {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = t5()) {
      Path file = Fixtures.folder("peft-lora-t5").resolve(PeftFiles.WEIGHTS);
      String some = "base_model.model.encoder.block.0.layer.0.SelfAttention.q.lora_A.weight";
      Map<String, Tensor> tensors = tensors(Files.readAllBytes(file));
      Map<String, Tensor> further = new TreeMap<>(tensors);
      further.put(some.replace(".q.", ".k."), tensors.get(some));
      assertRefused(backbone, further, "SelfAttention.k.lora_A", "q and v", "target_modules");
      Map<String, Tensor> fewer = new TreeMap<>(tensors);
      fewer.remove(some);
      assertRefused(backbone, fewer, "no LoRA matrices for encoder.block.0.layer.0", "adapts");
      Map<String, Tensor> wider = new TreeMap<>(tensors);
      wider.put(some, torch.zeros(new long[] {4, 7}));
      assertRefused(backbone, wider, "[4, 7]", "another base model");
    }
  }

  @Test
  void anAdapterOfSomeLayersSaysWhichItLacks() throws IOException {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = t5()) {
      Path file = Fixtures.folder("peft-lora-t5").resolve(PeftFiles.WEIGHTS);
      Map<String, Tensor> tensors = tensors(Files.readAllBytes(file));
      long all = adapted(backbone).size();
      tensors.keySet().removeIf(name -> name.contains("EncDecAttention"));
      assertThat(tensors).hasSizeBetween(1, 2 * (int) all - 1);
      ObjectNode config = config("peft-lora-t5");
      config.put("exclude_modules", ".*EncDecAttention.*");
      byte[] bytes = NamedTensors.write(tensors, Map.of());
      try (SafetensorsFile weights = SafetensorsFile.parse(bytes, "the file")) {
        PeftReader reader = new PeftReader(config, "config", weights, "SEQ_2_SEQ_LM");
        assertThatThrownBy(() -> reader.lora(adapted(backbone), SCALE, HOST))
            .isInstanceOf(InputException.class)
            .hasMessageContainingAll(
                "the file adapts " + tensors.size() / 2 + " of the " + all + " projections",
                "EncDecAttention.q",
                "exclude_modules is",
                "q and v")
            .hasMessageNotContaining("another base model");
      }
    }
  }

  @Test
  void tensorsThatHoldNoNumbersAreNamed() throws IOException {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = t5()) {
      Path file = Fixtures.folder("peft-lora-t5").resolve(PeftFiles.WEIGHTS);
      String some = "base_model.model.encoder.block.0.layer.0.SelfAttention.q.lora_A.weight";
      Map<String, Tensor> tensors = tensors(Files.readAllBytes(file));
      Map<String, Tensor> empty = new TreeMap<>(tensors);
      empty.replaceAll((name, tensor) -> torch.zeros(new long[] {0}));
      assertRefused(backbone, empty, "lora_A.weight has no elements", "[0]", "ZeRO");
      Map<String, Tensor> diverged = new TreeMap<>(tensors);
      diverged.put(some, tensors.get(some).clone().fill_(new Scalar(Double.NaN)));
      assertRefused(backbone, diverged, some, "NaN");
      Map<String, Tensor> endless = new TreeMap<>(tensors);
      endless.put(some, tensors.get(some).to(ScalarType.Double).fill_(new Scalar(1e300)));
      assertRefused(backbone, endless, some, "Infinity");
      Map<String, Tensor> whole = new TreeMap<>(tensors);
      whole.put(some, tensors.get(some).to(ScalarType.Char));
      assertRefused(backbone, whole, some, "stored as I8");
    }
  }

  @Test
  void aMixtureIsOneBlockThatComputesTheSame() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = t5()) {
      Map<String, Tensor> first = block(backbone, "peft-lora-t5", config -> {});
      Map<String, Tensor> second = new TreeMap<>();
      first.forEach(
          (name, tensor) -> second.put(name, tensor.flip(new long[] {0}).mul(new Scalar(0.5))));
      double[] weights = {0.3, 0.7};
      BlockMixture mixture =
          BlockMixture.of(BlockKind.LORA, List.of(first, second), weights, SCALE);
      GoldenTensors inputs = GoldenGradients.expected("t5-v10-tiny");
      List<int[]> sources = inputs.rows("short.input_ids", "short.attention_mask");
      Batch batch = new Batch(backbone.source(sources), inputs.labels("short.labels"));
      Tensor rows = Tensor.create(weights, 1, 2).to(ScalarType.Float).repeat(sources.size(), 1);
      try (LoraBank both =
              new LoraBank(
                  backbone.placement(),
                  adapted(backbone),
                  List.of(LoraBlock.of(first), LoraBlock.of(second)),
                  null,
                  SCALE);
          LoraBank one =
              new LoraBank(
                  backbone.placement(),
                  adapted(backbone),
                  List.of(LoraBlock.of(mixture.block())),
                  null,
                  mixture.scale())) {
        Tensor expected = backbone.targetLogits(batch, both.mix(rows));
        Tensor actual =
            backbone.targetLogits(batch, one.mix(torch.ones(new long[] {sources.size(), 1})));
        assertThat(distance(actual, expected)).isLessThan(1e-4);
      }
    }
  }

  @Test
  void aPromptIsWrittenAndRead() {
    try (PointerScope scope = new PointerScope()) {
      Tensor prompt = torch.rand(new long[] {3, 5});
      PeftFiles files =
          PeftAdapters.of(
              BlockKind.PROMPT,
              Map.of("prompt", prompt),
              PLAIN,
              "SEQ_2_SEQ_LM",
              "base",
              "the block");
      assertThat(files.config().get("num_virtual_tokens").intValue()).isEqualTo(3);
      try (SafetensorsFile weights = SafetensorsFile.parse(files.weightBytes(), "w")) {
        PeftReader reader = new PeftReader(files.config(), "c", weights, "SEQ_2_SEQ_LM");
        assertThat(distance(reader.prompt(3, 1, 5, HOST).get("prompt"), prompt)).isZero();
        assertThatThrownBy(() -> reader.prompt(4, 1, 5, HOST))
            .isInstanceOf(InputException.class)
            .hasMessageContaining("prompt.length");
        assertThatThrownBy(() -> reader.prompt(3, 1, 6, HOST)).hasMessageContaining("[3, 6]");
      }
    }
  }

  @Test
  void blocksOfOtherKindsAreNotWritten() {
    try (PointerScope scope = new PointerScope()) {
      Map<String, Tensor> block = Map.of("gate", torch.ones(new long[] {2}));
      assertThatThrownBy(
              () ->
                  PeftAdapters.of(
                      BlockKind.LORA, block, PLAIN, "CAUSAL_LM", "base", "The block of t"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("The block of t holds the tensor gate");
      assertThatThrownBy(
              () ->
                  PeftAdapters.of(
                      BlockKind.OTHER, block, PLAIN, "CAUSAL_LM", "base", "The block of t"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("The block of t is of a kind of its method's own");
      assertThatThrownBy(
              () -> BlockMixture.of(BlockKind.OTHER, List.of(block), new double[] {1}, SCALE))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("of a kind of their method's own");
    }
  }

  private static void assertRefused(
      Backbone backbone, Map<String, Tensor> tensors, String... parts) {
    byte[] bytes = NamedTensors.write(tensors, Map.of());
    try (SafetensorsFile weights = SafetensorsFile.parse(bytes, "the file")) {
      PeftReader reader = new PeftReader(config("peft-lora-t5"), "config", weights, "SEQ_2_SEQ_LM");
      assertThatThrownBy(() -> reader.lora(adapted(backbone), SCALE, HOST))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll(parts)
          .hasMessageContaining("the file");
    }
  }

  private static Map<String, Tensor> tensors(byte[] content) {
    try (SafetensorsFile file = SafetensorsFile.parse(content, "tensors")) {
      return NamedTensors.read(file, HOST);
    }
  }

  private static Map<String, Tensor> block(
      Backbone backbone, String adapter, Consumer<ObjectNode> change) {
    return block(backbone, adapter, SCALE, change);
  }

  private static Map<String, Tensor> block(
      Backbone backbone, String adapter, LoraScale scale, Consumer<ObjectNode> change) {
    ObjectNode config = config(adapter);
    String task = config.get("task_type").textValue();
    change.accept(config);
    Path file = Fixtures.folder(adapter).resolve(PeftFiles.WEIGHTS);
    try (SafetensorsFile weights = SafetensorsFile.open(file)) {
      return new PeftReader(config, adapter + "/" + PeftFiles.CONFIG, weights, task)
          .lora(adapted(backbone), scale, HOST);
    }
  }

  private static ObjectNode config(String adapter) {
    return (ObjectNode) Fixtures.json(Fixtures.folder(adapter).resolve(PeftFiles.CONFIG));
  }

  private static Backbone t5() {
    return Backbones.load(Fixtures.folder("t5-v10-tiny"), HOST);
  }

  private static List<Projection> adapted(Backbone backbone) {
    Set<String> roles = Set.of("q", "v", "q_proj", "v_proj");
    return backbone.projections().stream().filter(p -> roles.contains(p.role())).toList();
  }

  /** The rows of {@code logits} that predict the labels, one after the other. */
  private static Tensor at(Tensor logits, Tensor labels, boolean decoderOnly) {
    long[] flat = Tensors.toLongs(labels);
    List<Long> rows = new ArrayList<>();
    for (int i = 0; i < flat.length; i++) {
      if (flat[i] != -100) {
        rows.add((long) i - (decoderOnly ? 1 : 0));
      }
    }
    long[] index = rows.stream().mapToLong(Long::longValue).toArray();
    return logits.reshape(-1, logits.size(2)).index_select(0, HOST.indices(index));
  }
}
