package org.dapt.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Projection;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenGradients;
import org.dapt.fixture.GoldenTensors;
import org.dapt.io.ModelFolder;
import org.dapt.io.SafetensorsFile;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.LoraScale;
import org.dapt.pet.LoraStart;
import org.dapt.pet.LoraTargets;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Other layers than q and v, other scales, and ranks that differ, against PEFT; the values are made
 * by {@code src/test/golden/peft_lora.py}.
 */
class PeftLoraGoldenTest {
  private static final Placement HOST = Placement.cpu(ComputeType.FLOAT32);

  /** What {@code lora.targets} of a run says for each case of the script. */
  private static LoraTargets targets(String family, String example) {
    return new LoraTargets(
        switch (example) {
          case "rslora" -> List.of("q", "v");
          case "all-linear" -> List.of("all-linear");
          default -> List.of("q", "v", family.equals("t5") ? "wo" : "down");
        });
  }

  @ParameterizedTest
  @CsvSource({
    "t5, rslora",
    "t5, all-linear",
    "t5, ranks",
    "t5, alphas",
    "llama, rslora",
    "llama, all-linear",
    "llama, ranks",
    "llama, alphas"
  })
  void lossLogitsAndGradientsAreThoseOfPeft(String family, String example) throws Exception {
    LoraTargets targets = targets(family, example);
    try (PointerScope scope = new PointerScope();
        Backbone backbone = Backbones.load(folder(family), HOST)) {
      List<Projection> adapted = targets.of(backbone.projections());
      ObjectNode config = config(family, example);
      // With the adapter's own scale nothing goes into B, so that gradients are PEFT's.
      boolean rankStabilised = config.get("use_rslora").booleanValue();
      LoraScale own = new LoraScale(config.get("lora_alpha").doubleValue(), rankStabilised);
      GoldenTensors golden = golden(family, example);
      boolean scaled = !config.get("alpha_pattern").isEmpty();
      check(backbone, adapted, read(family, example, config, adapted, own), own, golden, !scaled);
      // In a run with another scale the block computes the same.
      for (LoraScale other : List.of(new LoraScale(5, false), new LoraScale(3, true))) {
        check(
            backbone, adapted, read(family, example, config, adapted, other), other, golden, false);
      }
    }
  }

  private static void check(
      Backbone backbone,
      List<Projection> adapted,
      Map<String, Tensor> block,
      LoraScale scale,
      GoldenTensors golden,
      boolean gradients)
      throws URISyntaxException {
    block.values().forEach(tensor -> tensor.requires_grad_(gradients));
    // Behind a frozen block of other ranks that adds nothing: its B is zero.
    LoraBlock older =
        LoraBlock.initial(adapted, 3, LoraStart.GAUSSIAN, KeyedRandom.of(7, "older"), HOST);
    try (LoraBank bank =
        new LoraBank(
            HOST,
            adapted,
            gradients ? List.of(older) : List.of(LoraBlock.of(block)),
            gradients ? LoraBlock.of(block) : null,
            scale)) {
      Batch batch = batch(backbone);
      Tensor ones = torch.ones(new long[] {2, gradients ? 2 : 1});
      Tensor logits = backbone.targetLogits(batch, bank.mix(ones));
      assertThat(distance(logits, golden.get("logits"))).isLessThan(1e-4);
      Tensor loss = GoldenGradients.loss(logits, batch);
      assertThat(loss.item_double() * batch.targetTokens())
          .isCloseTo(golden.scalar("loss"), within(1e-4));
      if (gradients) {
        loss.backward();
        double tokens = batch.targetTokens();
        block.forEach(
            (name, tensor) -> {
              Tensor expected = golden.get("grad.base_model.model." + name + ".weight");
              assertThat(distance(tensor.grad().mul(new Scalar(tokens)), expected))
                  .as(name)
                  .isLessThan(1e-4 * Math.max(1, expected.abs().max().item_double()));
            });
      }
    }
  }

  /** What PEFT wrote, read and written again by a run of the same settings. */
  @ParameterizedTest
  @CsvSource({
    "t5, rslora",
    "t5, all-linear",
    "t5, ranks",
    "llama, rslora",
    "llama, all-linear",
    "llama, ranks"
  })
  void readAndWrittenAgainItIsTheSameAdapter(String family, String example) throws Exception {
    LoraTargets targets = targets(family, example);
    try (PointerScope scope = new PointerScope()) {
      List<Projection> adapted = adapted(family, targets);
      ObjectNode config = config(family, example);
      LoraScale own =
          new LoraScale(
              config.get("lora_alpha").doubleValue(), config.get("use_rslora").booleanValue());
      PeftFiles written =
          PeftAdapters.of(
              BlockKind.LORA,
              read(family, example, config, adapted, own),
              new PeftLora(own, targets, LoraStart.GAUSSIAN, 0.25),
              config.get("task_type").textValue(),
              family,
              "the block");
      try (SafetensorsFile ours = SafetensorsFile.parse(written.weightBytes(), "ours");
          SafetensorsFile theirs = SafetensorsFile.open(weights(family, example))) {
        assertThat(ours.names()).isEqualTo(theirs.names());
        ours.names().forEach(name -> assertThat(ours.data(name)).isEqualTo(theirs.data(name)));
      }
      ObjectNode same = PeftFiles.object(written.configBytes(), "ours");
      assertThat(same.get("lora_alpha")).isEqualTo(config.get("lora_alpha"));
      assertThat(same.get("use_rslora")).isEqualTo(config.get("use_rslora"));
      assertThat(same.get("init_lora_weights").textValue()).isEqualTo("gaussian");
      assertThat(same.get("lora_dropout").doubleValue()).isEqualTo(0.25);
      // Ranks are written module by module, which says the same as PEFT's pattern.
      for (Projection projection : adapted) {
        assertThat(rank(same, projection.name())).isEqualTo(rank(config, projection.name()));
      }
      assertThat(targetsOf(same, family)).isEqualTo(targetsOf(config, family));
    }
  }

  private static double rank(JsonNode config, String module) {
    return new PeftPattern(config.get("rank_pattern"), "rank_pattern", "c")
        .of(module, config.get("r").doubleValue());
  }

  /** The linear layers that PEFT's rule for {@code target_modules} chooses. */
  private static List<String> targetsOf(JsonNode config, String family) throws Exception {
    List<String> chosen = new ArrayList<>();
    for (Projection projection : adapted(family, new LoraTargets(List.of("all-linear")))) {
      for (JsonNode target : config.get("target_modules")) {
        String name = target.textValue();
        if (projection.name().equals(name) || projection.name().endsWith("." + name)) {
          chosen.add(projection.name());
        }
      }
    }
    return chosen.stream().distinct().toList();
  }

  /** The sum of two blocks of other ranks and scales is one adapter of PEFT with a pattern. */
  @ParameterizedTest
  @CsvSource({"t5", "llama"})
  void aMixtureOfUnequalRanksIsOneBlock(String family) throws Exception {
    LoraTargets targets = targets(family, "ranks");
    try (PointerScope scope = new PointerScope();
        Backbone backbone = Backbones.load(folder(family), HOST)) {
      List<Projection> adapted = targets.of(backbone.projections());
      LoraScale own = new LoraScale(4, true);
      List<Map<String, Tensor>> blocks = new ArrayList<>();
      for (String example : List.of("ranks", "alphas")) {
        blocks.add(read(family, example, config(family, example), adapted, own));
      }
      double[] weights = {0.3, 0.7};
      BlockMixture mixture = BlockMixture.of(BlockKind.LORA, blocks, weights, own);
      PeftFiles files =
          PeftAdapters.of(
              BlockKind.LORA,
              mixture.block(),
              new PeftLora(own, targets, LoraStart.KAIMING, 0).with(mixture.scale()),
              config(family, "ranks").get("task_type").textValue(),
              family,
              "the mixture");
      Batch batch = batch(backbone);
      Tensor rows = Tensor.create(weights, 1, 2).to(ScalarType.Float).repeat(2, 1);
      try (LoraBank both =
              new LoraBank(HOST, adapted, blocks.stream().map(LoraBlock::of).toList(), null, own);
          SafetensorsFile stored = SafetensorsFile.parse(files.weightBytes(), "stored")) {
        Map<String, Tensor> read =
            new PeftReader(files.config(), "c", stored, files.config().get("task_type").textValue())
                .lora(adapted, own, HOST);
        try (LoraBank one = new LoraBank(HOST, adapted, List.of(LoraBlock.of(read)), null, own)) {
          assertThat(
                  distance(
                      backbone.targetLogits(batch, one.mix(torch.ones(new long[] {2, 1}))),
                      backbone.targetLogits(batch, both.mix(rows))))
              .isLessThan(1e-4);
        }
      }
    }
  }

  private static Batch batch(Backbone backbone) throws URISyntaxException {
    List<int[]> sources = new ArrayList<>();
    List<int[]> targets = new ArrayList<>();
    for (JsonNode example : Fixtures.json(folder("examples.json"))) {
      sources.add(ids(example.get("source")));
      targets.add(ids(example.get("target")));
    }
    return new Batch(backbone.source(sources), targets);
  }

  private static int[] ids(JsonNode node) {
    int[] ids = new int[node.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = node.get(i).intValue();
    }
    return ids;
  }

  private static List<Projection> adapted(String family, LoraTargets targets)
      throws URISyntaxException {
    try (ModelFolder model = ModelFolder.open(folder(family))) {
      return targets.of(Backbones.projections(model));
    }
  }

  private static Map<String, Tensor> read(
      String family, String example, ObjectNode config, List<Projection> adapted, LoraScale scale)
      throws URISyntaxException {
    try (SafetensorsFile weights = SafetensorsFile.open(weights(family, example))) {
      return new TreeMap<>(
          new PeftReader(config, "config", weights, config.get("task_type").textValue())
              .lora(adapted, scale, HOST));
    }
  }

  private static ObjectNode config(String family, String example) throws URISyntaxException {
    return (ObjectNode) Fixtures.json(folder(family).resolve(example).resolve(PeftFiles.CONFIG));
  }

  private static Path weights(String family, String example) throws URISyntaxException {
    return folder(family).resolve(example).resolve(PeftFiles.WEIGHTS);
  }

  private static GoldenTensors golden(String family, String example) throws URISyntaxException {
    return GoldenTensors.read(folder(family).resolve(example).resolve("expected.safetensors"));
  }

  private static Path folder(String name) throws URISyntaxException {
    return Path.of(PeftLoraGoldenTest.class.getResource("/golden/peft-lora/" + name).toURI());
  }
}
