package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Observed;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.error.InputException;
import org.dapt.exchange.AloneExchange;
import org.dapt.pet.LoraBlock;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.Checkpointer;
import org.dapt.train.RateSchedule;
import org.dapt.train.TaskData;
import org.dapt.train.TaskTraining;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What designed blocks and gates are for: tasks of a few tokens each, learnt one after the other by
 * methods that keep spaces of inputs.
 */
class SubspaceMethodsTest {
  private static final int TASKS = 3;

  /** Tokens of a task, and those that all tasks have. */
  private static final int OWN = 4;

  private static final int SHARED = 2;

  private static Stream<Arguments> settings() {
    return TinyStream.models().stream()
        .flatMap(
            model ->
                Stream.of(
                    Arguments.of(model, "inf-lora", Map.of("epsilon", "0.99999")),
                    Arguments.of(
                        model, "inf-lora", Map.of("spectrum", "inputs", "epsilon", "0.998")),
                    Arguments.of(model, "gain-lora", Map.of("gate-epsilon", "0.99999")),
                    Arguments.of(
                        model,
                        "gain-lora",
                        Map.of(
                            "base",
                            "o-lora",
                            "gate",
                            "linear",
                            "birth",
                            "random",
                            "gate-epsilon",
                            "0.99999"))));
  }

  @ParameterizedTest
  @MethodSource("settings")
  void laterBlocksDoLittleToInputsOfEarlierTasks(
      String model, String method, Map<String, String> options) {
    assertThat(worst(model, method, options)).isLessThan(0.4);
  }

  /** That is not because later tasks' inputs are others: without protection blocks do much. */
  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void withoutProtectionTheyDoMuch(String model) {
    assertThat(worst(model, "inf-lora", Map.of("epsilon", "1e-6", "total-tasks", "1")))
        .isGreaterThan(0.6);
  }

  /**
   * The largest effect of a block on inputs of an earlier task, in parts of its effect on those of
   * its own.
   */
  private static double worst(String model, String method, Map<String, String> options) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT64)) {
      MethodContext context = context(stream, options);
      List<LearntTask> learnt = new ArrayList<>();
      try (AutoGradMode on = new AutoGradMode(true)) {
        for (int task = 0; task < TASKS; task++) {
          learnt.add(learn(stream, context, learnt, task));
        }
      }
      double worst = 0;
      for (int later = 1; later < TASKS; later++) {
        List<LearntTask> upTo = learnt.subList(0, later + 1);
        double own = effect(stream, context, upTo, later);
        assertThat(own).isGreaterThan(1e-3);
        for (int earlier = 0; earlier < later; earlier++) {
          worst = Math.max(worst, effect(stream, context, upTo, earlier) / own);
        }
      }
      return worst;
    }
  }

  /** Gates open for their own task's inputs, and those of later tasks not for earlier inputs. */
  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void gatesStayShutForInputsOfEarlierTasks(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("gain-lora", model, ComputeType.FLOAT64)) {
      MethodContext context = context(stream, Map.of("gate-epsilon", "0.99999"));
      List<LearntTask> learnt = new ArrayList<>();
      try (AutoGradMode on = new AutoGradMode(true)) {
        for (int task = 0; task < TASKS; task++) {
          learnt.add(learn(stream, context, learnt, task));
        }
      }
      try (Predictor all = stream.method.restore(context, learnt, learnt.get(0).task())) {
        for (int inputs = 0; inputs < TASKS; inputs++) {
          Source source = stream.backbone.source(TinyStream.sources(examples(inputs, 9, 12)));
          double[] gates = Tensors.toDoubles(all.attentionWeights(source).mean(0));
          assertThat(gates[inputs]).as("of its own task").isGreaterThan(0.1);
          for (int later = inputs + 1; later < TASKS; later++) {
            assertThat(gates[later])
                .as("gate %d on task %d", later, inputs)
                .isLessThan(0.15 * gates[inputs]);
          }
        }
      }
    }
  }

  /**
   * No update leaves the space that is free, whatever the optimizer and the decay of weights do.
   */
  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void gatesLearnOutsideOfWhatIsProtectedAlone(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("gain-lora", model, ComputeType.FLOAT64)) {
      MethodContext context = context(stream, Map.of());
      List<LearntTask> learnt = new ArrayList<>();
      try (AutoGradMode on = new AutoGradMode(true)) {
        learnt.add(learn(stream, context, learnt, 0));
        learnt.add(learn(stream, context, learnt, 1));
      }
      Map<String, Tensor> before = learnt.get(0).attention();
      Map<String, Tensor> after = learnt.get(1).attention();
      Tensor[] moved = {
        after.get("gate.G1").sub(before.get("gate.G1")),
        after.get("gate.G2").sub(before.get("gate.G2")),
        after.get("gate.G3")
      };
      for (int layer = 0; layer < moved.length; layer++) {
        Tensor basis = before.get("gate.space.p" + layer + ".added");
        assertThat(basis.size(1)).isPositive();
        double size = moved[layer].norm().item_double();
        assertThat(size).isPositive();
        assertThat(moved[layer].matmul(basis).norm().item_double()).isLessThan(1e-9 * size);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void gatesDoNotDecay(String model) {
    Map<String, double[]> plain = afterAStep(model, 0);
    Map<String, double[]> decayed = afterAStep(model, 5);
    plain.forEach(
        (name, values) -> {
          // B begins with zeros, of which nothing can be taken away.
          if (name.startsWith("gate.") || name.endsWith(LoraBlock.B)) {
            assertThat(decayed.get(name)).as(name).isEqualTo(values);
          } else {
            assertThat(decayed.get(name)).as(name).isNotEqualTo(values);
          }
        });
    assertThat(plain).containsKeys("gate.G1", "gate.G2", "gate.G3");
  }

  private static Map<String, double[]> afterAStep(String model, double decay) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("gain-lora", model, ComputeType.FLOAT64)) {
      MethodContext context = context(stream, Map.of("base", "o-lora"));
      try (Learner learner = stream.method.begin(context, List.of(), "task", List.of())) {
        run(stream, learner, 1, 0, decay);
        Map<String, double[]> values = new LinkedHashMap<>();
        learner
            .parameters()
            .tensors()
            .forEach((name, tensor) -> values.put(name, Tensors.toDoubles(tensor)));
        return values;
      }
    }
  }

  /** Projections with the same input have one A; the block's other matrices alone are learnt. */
  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void layersOfOneInputShareADesignedMatrix(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("inf-lora", model, ComputeType.FLOAT32)) {
      MethodContext context =
          new MethodContext(
              stream.backbone,
              TinyStream.options(4).with("lora.targets", List.of("all-linear")),
              1,
              TASKS);
      try (Learner learner = stream.method.begin(context, List.of(), "task", List.of())) {
        assertThat(learner.parameters().tensors().keySet()).allMatch(n -> n.endsWith(LoraBlock.B));
        run(stream, learner, 0, 1);
        LoraBlock block = LoraBlock.of(learner.learnt().block());
        Map<String, double[]> byInput = new LinkedHashMap<>();
        for (Projection projection : context.adapted()) {
          Tensor a = block.a(projection.name());
          double[] values = Tensors.toDoubles(a);
          String input = stream.backbone.input(projection).name();
          assertThat(values).isEqualTo(byInput.computeIfAbsent(input, any -> values));
          // Orthonormal rows of length 1/√3.
          Tensor product = a.matmul(a.t());
          for (int i = 0; i < a.size(0); i++) {
            assertThat(product.select(0, i).select(0, i).item_double())
                .isCloseTo(1.0 / 3, within(1e-5));
          }
          assertThat(product.square().sum().item_double()).isCloseTo(a.size(0) / 9.0, within(1e-4));
        }
        assertThat(byInput).hasSizeLessThan(context.adapted().size());
      }
    }
  }

  /** What answers takes of a task has no spaces, and is enough. */
  @ParameterizedTest
  @CsvSource({"inf-lora, t5-v11-tiny", "inf-lora, llama-tiny", "gain-lora, t5-v11-tiny"})
  void spacesAreNotNeededToAnswer(String method, String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32)) {
      try (AutoGradMode on = new AutoGradMode(true)) {
        stream.learn(2);
      }
      List<LearntTask> enough = stream.learnt.stream().map(stream.method::answering).toList();
      for (LearntTask task : enough) {
        assertThat(task.attention().keySet()).anyMatch(name -> name.contains("space."));
        task.attention()
            .forEach(
                (name, tensor) ->
                    assertThat(tensor.numel() == 0).isEqualTo(name.contains("space.")));
      }
      List<Example> examples = stream.examples(3, 4);
      try (Predictor all = stream.method.restore(stream.context, stream.learnt, "task-0");
          Predictor some = stream.method.restore(stream.context, enough, "task-0")) {
        assertThat(Tensors.toDoubles(stream.logits(some, examples)))
            .isEqualTo(Tensors.toDoubles(stream.logits(all, examples)));
      }
    }
  }

  /** Blocks of other methods say nothing of their tasks' inputs. */
  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void refuseTasksOfOtherMethods(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("o-lora", model, ComputeType.FLOAT32)) {
      stream.learn(1);
      ContinualMethod infLora = ContinualMethods.named("inf-lora");
      assertThatThrownBy(() -> infLora.restore(stream.context, stream.learnt, "task-0"))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll("task-0", "inf-lora");
      ContinualMethod gainLora = ContinualMethods.named("gain-lora");
      assertThatThrownBy(() -> gainLora.restore(stream.context, stream.learnt, "task-0"))
          .isInstanceOf(InputException.class)
          .hasMessageContainingAll("task-0", "gain-lora", "gate.G1");
      assertThatThrownBy(() -> gainLora.begin(stream.context, stream.learnt, "later", List.of()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("gain-lora");
    }
  }

  private static MethodContext context(TinyStream stream, Map<String, String> options) {
    Sections sections = TinyStream.options(4);
    for (Map.Entry<String, String> option : options.entrySet()) {
      sections = sections.with(Sections.OWN + "." + option.getKey(), option.getValue());
    }
    return new MethodContext(stream.backbone, sections, 1, TASKS);
  }

  private static LearntTask learn(
      TinyStream stream, MethodContext context, List<LearntTask> learnt, int task) {
    String name = "task-" + task;
    try (Learner learner = stream.method.begin(context, learnt, name, List.of())) {
      run(stream, learner, 12, task);
      return stream.stored(learner.learnt());
    }
  }

  private static void run(TinyStream stream, Learner learner, int steps, int task) {
    run(stream, learner, steps, task, 0.1);
  }

  private static void run(TinyStream stream, Learner learner, int steps, int task, double decay) {
    try {
      new TaskTraining(stream.backbone, learner, new AloneExchange(), new Data(task))
          .run(
              new TrainerOptions(
                  1e-2, RateSchedule.CONSTANT, decay, 200, 0, Long.MAX_VALUE, null, null, false),
              steps,
              null,
              Checkpointer.NONE,
              step -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What the newest block adds to the outputs of adapted layers for new examples of a task, in
   * parts of what these are: the mean over layers.
   */
  private static double effect(
      TinyStream stream, MethodContext context, List<LearntTask> learnt, int task) {
    List<Example> examples = examples(task, 9, 12);
    Batch batch =
        new Batch(
            stream.backbone.source(TinyStream.sources(examples)),
            examples.stream().map(Example::target).toList());
    String name = learnt.get(0).task();
    try (Predictor all = stream.method.restore(context, learnt, name);
        Predictor older =
            stream.method.restore(context, learnt.subList(0, learnt.size() - 1), name)) {
      Adaptation with = all.adapt(batch.source());
      Adaptation without = older.adapt(batch.source());
      List<Double> effects = new ArrayList<>();
      Map<String, Projection> adapted = new LinkedHashMap<>();
      context.adapted().forEach(projection -> adapted.put(projection.name(), projection));
      stream.backbone.targetLogits(
          batch,
          new Observed(
              with,
              adapted.keySet(),
              (projection, x, output) -> {
                Tensor zeros = torch.zeros_like(output);
                Tensor added =
                    with.adapt(projection, x, zeros.clone())
                        .sub(without.adapt(projection, x, zeros.clone()));
                effects.add(added.norm().item_double() / output.norm().item_double());
              }));
      assertThat(effects).hasSameSizeAs(adapted.keySet());
      return effects.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    }
  }

  /** Examples whose tokens are the task's own and a few that all tasks have. */
  private static List<Example> examples(int task, long seed, int count) {
    RandomGenerator random = KeyedRandom.of(seed, "examples", task);
    int first = 2 + SHARED + task * OWN;
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] source = new int[random.nextInt(4, 12)];
      for (int j = 0; j < source.length; j++) {
        boolean shared = random.nextInt(4) == 0;
        source[j] = shared ? 2 + random.nextInt(SHARED) : first + random.nextInt(OWN);
      }
      int[] target = random.ints(random.nextInt(1, 4), first, first + OWN).toArray();
      examples.add(new Example("example-" + i, i, source, target));
    }
    return examples;
  }

  private record Data(int task) implements TaskData {
    @Override
    public int shards() {
      return 2;
    }

    @Override
    public Batches batches(long taken) {
      return TinyStream.batches(
          taken, step -> SubspaceMethodsTest.examples(task, 100 + step, TinyStream.BATCH));
    }

    @Override
    public List<Example> examples(InputPass.Over over, int shard, int most) {
      return SubspaceMethodsTest.examples(task, 50 + shard, 12);
    }
  }
}
