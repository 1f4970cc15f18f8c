package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Source;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.fixture.Fixtures;
import org.dapt.fixture.GoldenTensors;
import org.dapt.io.SafetensorsFile;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Digests;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tensor.Tensors;
import org.dapt.train.AloneExchange;
import org.dapt.train.Example;
import org.dapt.train.Steps;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every method must keep on every backbone. */
class MethodBehaviourTest {
  private static final MethodOptions OPTIONS = new MethodOptions(4, 16, 20, 1.0, 0.5);
  private static final TrainerOptions TRAINING = new TrainerOptions(1e-2, 60, 0);
  private static final int BATCH = 8;

  private static List<Arguments> all() {
    List<Arguments> all = new ArrayList<>();
    for (String method : ContinualMethods.names()) {
      for (String backbone : List.of("t5-v10-tiny", "t5-v11-tiny")) {
        all.add(Arguments.of(method, backbone));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("all")
  void anExampleDoesNotDependOnItsBatch(String method, String model) {
    try (PointerScope scope = new PointerScope();
        Stream stream = new Stream(method, model, ComputeType.FLOAT32)) {
      stream.learn(3, 6);
      List<Example> examples = Stream.examples(99, 6, stream.backbone.vocabulary());
      try (NoGradGuard guard = new NoGradGuard();
          Predictor predictor = stream.restore(1)) {
        Tensor together = stream.logits(predictor, examples);
        Source all = stream.backbone.source(examples.stream().map(Example::source).toList());
        Tensor mixtures = predictor.mixture(all);
        long from = 0;
        for (int i = 0; i < examples.size(); i++) {
          Tensor alone = stream.logits(predictor, List.of(examples.get(i)));
          assertThat(GoldenTensors.distance(alone, together.narrow(0, from, alone.size(0))))
              .isLessThan(1e-5);
          from += alone.size(0);
          if (mixtures != null) {
            Tensor own =
                predictor.mixture(stream.backbone.source(List.of(examples.get(i).source())));
            assertThat(GoldenTensors.distance(own.select(0, 0), mixtures.select(0, i)))
                .isLessThan(1e-5);
          }
        }
        assertThat(from).isEqualTo(together.size(0));
        List<int[]> sources = examples.stream().map(Example::source).toList();
        List<Decoded> decoded =
            new GreedyDecoder(stream.backbone, 8, 4096).decode(sources, predictor);
        for (int i = 0; i < sources.size(); i++) {
          Decoded alone =
              new GreedyDecoder(stream.backbone, 8, 4096)
                  .decode(List.of(sources.get(i)), predictor)
                  .get(0);
          assertThat(alone.tokens()).isEqualTo(decoded.get(i).tokens());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void gradientsDoNotDependOnHowABatchIsCut(String method, String model) {
    try (PointerScope scope = new PointerScope();
        Stream stream = new Stream(method, model, ComputeType.FLOAT32)) {
      stream.learn(2, 4);
      List<Example> examples = Stream.examples(7, BATCH, stream.backbone.vocabulary());
      double[] whole = stream.gradient(examples, 1_000_000);
      double[] cut = stream.gradient(examples, 1);
      assertClose(cut, whole, 1e-5);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void ranksLearnTheSame(String method, String model) throws Exception {
    double[] one = afterFiftySteps(method, model, 1);
    double[] two = afterFiftySteps(method, model, 2);
    assertThat(two).hasSameSizeAs(one);
    for (int i = 0; i < one.length; i++) {
      assertThat(two[i]).isCloseTo(one[i], within(1e-9));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void onlyTheDeclaredParametersChange(String method, String model) {
    try (PointerScope scope = new PointerScope();
        Stream stream = new Stream(method, model, ComputeType.FLOAT32)) {
      String base = stream.backbone.sha256();
      stream.learn(2, 4);
      List<String> older = stream.learnt.stream().map(LearntTask::sha256).toList();
      String newest;
      try (Learner learner = stream.begin("later")) {
        String before = Digests.sha256(learner.parameters().tensors());
        stream.steps(learner, 4, 3);
        newest = Digests.sha256(learner.parameters().tensors());
        assertThat(newest).isNotEqualTo(before);
      }
      assertThat(stream.backbone.sha256()).isEqualTo(base);
      assertThat(stream.learnt.stream().map(LearntTask::sha256).toList()).isEqualTo(older);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsKeptAnswersAsWhatWasLearnt(String method, String model) {
    try (PointerScope scope = new PointerScope();
        Stream stream = new Stream(method, model, ComputeType.FLOAT32)) {
      stream.learn(2, 4);
      List<Example> examples = Stream.examples(5, 4, stream.backbone.vocabulary());
      try (NoGradGuard guard = new NoGradGuard();
          Learner learner = stream.begin("later")) {
        LearntTask kept;
        Tensor expected;
        try (GradOn grad = new GradOn()) {
          stream.steps(learner, 4, 3);
        }
        expected = stream.logits(learner, examples);
        kept = Stream.stored(learner.learnt());
        List<LearntTask> tasks = new ArrayList<>(stream.learnt);
        tasks.add(kept);
        try (Predictor restored = stream.method.restore(stream.context, tasks, "later")) {
          assertThat(GoldenTensors.distance(stream.logits(restored, examples), expected))
              .isLessThan(1e-6);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSeedDecides(String method, String model) {
    assertThat(Digests.sha256(learnt(method, model, 1)))
        .isEqualTo(Digests.sha256(learnt(method, model, 1)));
    assertThat(Digests.sha256(learnt(method, model, 1)))
        .isNotEqualTo(Digests.sha256(learnt(method, model, 2)));
  }

  @ParameterizedTest
  @MethodSource("all")
  void aSingleTaskHasAllTheAttention(String method, String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Stream stream = new Stream(method, model, ComputeType.FLOAT32);
        Learner learner = stream.begin("first")) {
      Source source = stream.backbone.source(List.of(new int[] {3, 4, 5}, new int[] {6, 1}));
      Tensor mixture = learner.mixture(source);
      if (mixture != null) {
        assertThat(Tensors.toDoubles(mixture)).containsExactly(1.0, 1.0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void memoryIsFlatOverAThousandSteps(String method, String model) {
    if (model.equals("t5-v11-tiny")) {
      return;
    }
    NativeRuntime.useThreads(1);
    try (PointerScope scope = new PointerScope();
        Stream stream = new Stream(method, model, ComputeType.FLOAT32)) {
      stream.learn(2, 2);
      try (Learner learner = stream.begin("later");
          Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), TRAINING)) {
        List<Example> examples = Stream.examples(3, 4, stream.backbone.vocabulary());
        for (int i = 0; i < 100; i++) {
          trainer.step(examples);
        }
        long pointers = Pointer.totalCount();
        long resident = NativeRuntime.residentBytes();
        for (int i = 0; i < 1000; i++) {
          trainer.step(examples);
        }
        assertThat(Pointer.totalCount()).isEqualTo(pointers);
        assertThat(NativeRuntime.residentBytes() - resident).isLessThan(64L << 20);
      }
    }
  }

  private static Map<String, Tensor> learnt(String method, String model, long seed) {
    try (Stream stream = new Stream(method, model, ComputeType.FLOAT32, seed);
        Learner learner = stream.begin("task")) {
      stream.steps(learner, 3, 1);
      return new HashMap<>(learner.learnt().block());
    }
  }

  private static double[] afterFiftySteps(String method, String model, int ranks) throws Exception {
    List<Future<double[]>> results =
        new ThreadGang("local", ranks, Duration.ofSeconds(60))
            .start(exchange -> fiftySteps(method, model, exchange));
    double[] first = results.get(0).get();
    for (Future<double[]> result : results) {
      assertThat(result.get()).as("every rank holds the same bits").isEqualTo(first);
    }
    return first;
  }

  private static double[] fiftySteps(String method, String model, GradientExchange exchange) {
    NativeRuntime.useThreads(1);
    try (PointerScope scope = new PointerScope();
        Stream stream = new Stream(method, model, ComputeType.FLOAT64)) {
      stream.learn(2, 2);
      try (Learner learner = stream.begin("later");
          Trainer trainer = new Trainer(stream.backbone, learner, exchange, TRAINING)) {
        for (int step = 0; step < 50; step++) {
          List<Example> batch = Stream.examples(step, BATCH, stream.backbone.vocabulary());
          List<Example> own = new ArrayList<>();
          for (int i = exchange.rank(); i < batch.size(); i += exchange.ranks()) {
            own.add(batch.get(i));
          }
          trainer.step(own);
        }
        return Tensors.toDoubles(learner.parameters().values());
      }
    }
  }

  private static void assertClose(double[] actual, double[] expected, double relative) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < actual.length; i++) {
      assertThat(actual[i]).isCloseTo(expected[i], within(relative * largest));
    }
  }

  /** Switches gradients on again inside a {@link NoGradGuard}. */
  private static final class GradOn implements AutoCloseable {
    private final org.bytedeco.pytorch.AutoGradMode mode =
        new org.bytedeco.pytorch.AutoGradMode(true);

    @Override
    public void close() {
      mode.close();
    }
  }

  /** A stream of made-up tasks over a tiny model. */
  private static final class Stream implements AutoCloseable {
    final Backbone backbone;
    final ContinualMethod method;
    final MethodContext context;
    final List<LearntTask> learnt = new ArrayList<>();
    final List<Replay> replay = new ArrayList<>();

    Stream(String method, String model, ComputeType type) {
      this(method, model, type, 1);
    }

    Stream(String method, String model, ComputeType type, long seed) {
      backbone = Backbones.load(Fixtures.folder(model), type);
      this.method = ContinualMethods.named(method);
      context = new MethodContext(backbone, OPTIONS, seed);
    }

    /** Examples with the given seed; lengths differ. */
    static List<Example> examples(long seed, int count, int vocabulary) {
      RandomGenerator random = KeyedRandom.of(seed, "examples");
      List<Example> examples = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int[] source = random.ints(random.nextInt(3, 20), 2, vocabulary).toArray();
        int[] target = random.ints(random.nextInt(1, 6), 2, vocabulary).toArray();
        examples.add(new Example("example-" + i, source, target));
      }
      return examples;
    }

    /**
     * Learns {@code tasks} tasks with {@code steps} steps each, with replay of some of their
     * inputs.
     */
    void learn(int tasks, int steps) {
      for (int i = 0; i < tasks; i++) {
        try (Learner learner = begin("task-" + i)) {
          steps(learner, steps, i);
          List<Double> target = new ArrayList<>();
          for (int j = 0; j <= i; j++) {
            target.add(1.0 / (i + 1));
          }
          learnt.add(learner.learnt().withTarget(target));
          List<int[]> sources =
              examples(i, 3, backbone.vocabulary()).stream().map(Example::source).toList();
          replay.add(new Replay("task-" + i, sources, target));
        }
      }
    }

    Learner begin(String task) {
      return method.begin(context, learnt, task, replay);
    }

    void steps(Learner learner, int steps, long seed) {
      try (Trainer trainer = new Trainer(backbone, learner, new AloneExchange(), TRAINING)) {
        for (int i = 0; i < steps; i++) {
          trainer.step(examples(seed, BATCH, backbone.vocabulary()));
        }
      }
    }

    double[] gradient(List<Example> examples, int microBatchTokens) {
      try (Learner learner = begin("later");
          Trainer trainer =
              new Trainer(
                  backbone,
                  learner,
                  new AloneExchange(),
                  new TrainerOptions(1e-2, microBatchTokens, 0))) {
        Steps.gradients(trainer, examples);
        return Tensors.toDoubles(learner.parameters().gradient());
      }
    }

    Predictor restore(int evaluated) {
      return method.restore(context, learnt, learnt.get(evaluated).task());
    }

    Tensor logits(Predictor predictor, List<Example> examples) {
      Source source = backbone.source(examples.stream().map(Example::source).toList());
      return backbone.targetLogits(
          new Batch(source, examples.stream().map(Example::target).toList()),
          predictor.adapt(source));
    }

    /** What comes back from a file. */
    static LearntTask stored(LearntTask learnt) {
      return new LearntTask(
          learnt.task(), reread(learnt.block()), reread(learnt.attention()), learnt.target());
    }

    private static Map<String, Tensor> reread(Map<String, Tensor> tensors) {
      byte[] bytes = NamedTensors.write(tensors, Map.of("task", "later"));
      try (SafetensorsFile file = SafetensorsFile.parse(bytes, "memory")) {
        return NamedTensors.read(file, org.bytedeco.pytorch.global.torch.ScalarType.Float);
      }
    }

    @Override
    public void close() {
      backbone.close();
    }
  }
}
