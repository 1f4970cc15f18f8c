package org.dapt.method.pfd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Source;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Sections;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** PFD against a computation in PyTorch, one input at a time: {@code src/test/golden/pfd.py}. */
class PfdGoldenTest {
  private static final Placement PLACEMENT = Placement.cpu(ComputeType.FLOAT64);

  /** Transformers computes norms and softmax in float32 whatever the model is in. */
  private static final double TOLERANCE = 2e-6;

  private static final JsonNode SETTINGS = Fixtures.json(golden("pfd/settings.json"));

  private static Stream<String> families() {
    return Stream.of("t5", "llama");
  }

  private static Stream<Arguments> cases() {
    return families()
        .flatMap(
            family ->
                StreamSupport.stream(
                        ((Iterable<String>) () -> SETTINGS.get("cases").fieldNames()).spliterator(),
                        false)
                    .map(name -> Arguments.of(family, name)));
  }

  /** What is kept of a task, whose inputs come in padded batches of a few. */
  @ParameterizedTest
  @MethodSource("families")
  void meanFeaturesAreThoseOfTheReference(String family) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = backbone(family)) {
      GoldenTensors expected = expected(family);
      JsonNode given = given(family);
      MethodContext context = context(backbone, "nearest", Map.of());
      int task = 0;
      for (JsonNode inputs : given.get("training")) {
        try (Learner learner = new Pfd().begin(context, List.of(), "task", List.of())) {
          InputPass pass = learner.beforeTraining();
          Tensor sums = PLACEMENT.zeros(ScalarType.Double, pass.entries());
          List<Example> examples = examples(inputs, inputs);
          for (int from = 0; from < examples.size(); from += 3) {
            List<Example> batch = examples.subList(from, Math.min(from + 3, examples.size()));
            sums.add_(pass.of(source(backbone, batch), batch));
          }
          pass.take(sums);
          Map<String, Tensor> kept = learner.learnt().attention();
          assertThat(kept).hasSize(given.get("layers").size());
          for (JsonNode layer : given.get("layers")) {
            assertThat(
                    distance(
                        kept.get("features." + layer.asText()),
                        expected.get("mean.%d.%s".formatted(task, layer.asText()))))
                .isLessThan(TOLERANCE);
          }
        }
        task++;
      }
      assertThat(task).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void weightsAndAnswersAreThoseOfTheReference(String family, String name) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = backbone(family)) {
      GoldenTensors expected = expected(family);
      List<Example> examples = examples(given(family).get("sources"), given(family).get("targets"));
      Source source = source(backbone, examples);
      try (Predictor predictor =
          new Pfd().restore(context(backbone, name, Map.of()), learnt(family, expected), "any")) {
        Tensor weights = predictor.attentionWeights(source);
        assertThat(distance(weights, expected.get(name + ".weights").mean(1)))
            .isLessThan(TOLERANCE);
        Tensor logits =
            backbone.targetLogits(
                new Batch(source, examples.stream().map(Example::target).toList()),
                predictor.adapt(source, weights));
        assertThat(distance(logits, expected.get(name + ".logits"))).isLessThan(TOLERANCE);
      }
    }
  }

  /** Two tasks of the same inputs are equally near: the older one is taken. */
  @Test
  void ofEquallyNearTasksTheOldestIsTaken() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = backbone("t5")) {
      LearntTask task = learnt("t5", expected("t5")).get(1);
      try (Predictor predictor =
          new Pfd()
              .restore(context(backbone, "nearest", Map.of()), List.of(task, task, task), "any")) {
        assertThat(
                Tensors.toDoubles(
                    predictor.attentionWeights(backbone.source(List.of(new int[] {5, 9})))))
            .containsExactly(1, 0, 0);
      }
    }
  }

  @Test
  void tasksWithoutFeaturesAndLayersThatNoInputPassesAreRefused() {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = backbone("t5")) {
      LearntTask task = learnt("t5", expected("t5")).get(0);
      LearntTask bare = new LearntTask("bare", task.block(), Map.of(), List.of());
      assertThatThrownBy(
              () ->
                  new Pfd()
                      .restore(context(backbone, "nearest", Map.of()), List.of(task, bare), "any"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("The attention of task bare holds no mean feature of encoder.");
      Map<String, Object> decoder = Map.of("lora.targets", "EncDecAttention.q");
      assertThatThrownBy(
              () ->
                  new Pfd()
                      .begin(context(backbone, "nearest", decoder), List.of(), "task", List.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("lora.targets names no layer that an input passes");
      assertThatThrownBy(
              () ->
                  context(backbone, "nearest", Map.of("method.options.distance", "x"))
                      .own(Pfd.Options::read))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("method.options.distance is x, expected");
    }
  }

  /** Layers of a role that no input passes take the weights of the last layer of all. */
  @Test
  void everyLayerHasOneThatChoosesForIt() {
    try (PointerScope scope = new PointerScope();
        Backbone backbone = backbone("t5")) {
      InputFeatures features =
          InputFeatures.of(
              context(
                  backbone,
                  "nearest",
                  Map.of("lora.targets", "SelfAttention.q,EncDecAttention.k")));
      assertThat(features.routed())
          .extracting(projection -> projection.name())
          .containsExactly(
              "encoder.block.0.layer.0.SelfAttention.q", "encoder.block.1.layer.0.SelfAttention.q");
      assertThat(features.routes()).hasSize(6);
      features
          .routes()
          .forEach(
              (name, route) ->
                  assertThat(route.name())
                      .isEqualTo(
                          name.startsWith("encoder.")
                              ? name
                              : "encoder.block.1.layer.0.SelfAttention.q"));
    }
  }

  /** Weights that are not an input's own hold in every layer, for that input alone. */
  @Test
  void aBlockCanBeAskedForAlone() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone = backbone("llama")) {
      MethodContext context = context(backbone, "all", Map.of());
      List<LearntTask> learnt = learnt("llama", expected("llama"));
      List<int[]> inputs = List.of(new int[] {5, 9, 3}, new int[] {7, 4});
      Source source = backbone.source(inputs);
      Batch batch = new Batch(source, List.of(new int[] {6}, new int[] {8}));
      try (Predictor all = new Pfd().restore(context, learnt, "any");
          Predictor one = new Pfd().restore(context, learnt.subList(1, 2), "any")) {
        Tensor own = all.attentionWeights(source);
        Tensor usual = backbone.targetLogits(batch, all.adapt(source, own));
        Tensor asked = own.clone();
        asked.select(0, 1).copy_(PLACEMENT.of(ScalarType.Double, new double[] {0, 1, 0}, 3));
        Tensor alone = backbone.targetLogits(batch, one.adapt(source));
        Tensor mixed = backbone.targetLogits(batch, all.adapt(source, asked));
        assertThat(Tensors.toDoubles(mixed.select(0, 0)))
            .containsExactly(Tensors.toDoubles(usual.select(0, 0)), within(1e-12));
        assertThat(Tensors.toDoubles(mixed.select(0, 1)))
            .containsExactly(Tensors.toDoubles(alone.select(0, 1)), within(1e-12));
        assertThat(distance(usual.select(0, 1), alone.select(0, 1))).isGreaterThan(1e-3);
      }
    }
  }

  private static Backbone backbone(String family) {
    return Backbones.load(golden("peft-lora/" + family), PLACEMENT);
  }

  private static MethodContext context(Backbone backbone, String name, Map<String, Object> more) {
    JsonNode setting = SETTINGS.get("cases").get(name);
    Map<String, Object> options = new HashMap<>();
    options.put("lora.r", SETTINGS.get("r").intValue());
    options.put("lora.alpha", SETTINGS.get("alpha").doubleValue());
    options.put("method.options.distance", setting.get("distance").textValue());
    options.put("method.options.k", setting.get("k").intValue());
    options.put("method.options.temperature", setting.get("temperature").doubleValue());
    options.putAll(more);
    return new MethodContext(backbone, Sections.of(options), 1);
  }

  private static List<LearntTask> learnt(String family, GoldenTensors expected) {
    List<LearntTask> learnt = new ArrayList<>();
    for (int i = 0; i < given(family).get("training").size(); i++) {
      Map<String, Tensor> block = new TreeMap<>();
      Map<String, Tensor> means = new TreeMap<>();
      String own = "block.%d.".formatted(i);
      String mean = "mean.%d.".formatted(i);
      expected
          .all()
          .forEach(
              (name, tensor) -> {
                if (name.startsWith(own)) {
                  block.put(name.substring(own.length()), tensor);
                } else if (name.startsWith(mean)) {
                  means.put("features." + name.substring(mean.length()), tensor);
                }
              });
      learnt.add(new LearntTask("task-" + i, block, means, List.of()));
    }
    return learnt;
  }

  private static Source source(Backbone backbone, List<Example> examples) {
    return backbone.source(examples.stream().map(Example::source).toList());
  }

  private static List<Example> examples(JsonNode sources, JsonNode targets) {
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < sources.size(); i++) {
      examples.add(new Example("e" + i, i, ids(sources.get(i)), ids(targets.get(i))));
    }
    return examples;
  }

  private static int[] ids(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
  }

  private static JsonNode given(String family) {
    return Fixtures.json(golden("pfd/" + family + "/given.json"));
  }

  private static GoldenTensors expected(String family) {
    return GoldenTensors.read(golden("pfd/" + family + "/expected.safetensors"), PLACEMENT);
  }

  private static Path golden(String name) {
    try {
      return Path.of(PfdGoldenTest.class.getResource("/golden/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
