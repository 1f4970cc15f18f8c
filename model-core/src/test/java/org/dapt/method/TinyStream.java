package org.dapt.method;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Batch;
import org.dapt.backbone.Source;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.GradientExchange;
import org.dapt.fixture.Fixtures;
import org.dapt.io.SafetensorsFile;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.dapt.train.Checkpointer;
import org.dapt.train.TaskData;
import org.dapt.train.TaskTraining;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.provider.Arguments;

/** A stream of made-up tasks, learnt by any method over a tiny model. */
public final class TinyStream implements AutoCloseable {
  /** A high rate, so that few steps move the parameters far. */
  public static final TrainerOptions TRAINING = training(1e-2);

  public static final int BATCH = 8;

  /** Below what {@link #learn} makes of two tasks, so that steps of a third one draw. */
  static final int MAX_REPLAY_SAMPLES = 4;

  public static final int PROMPT_LENGTH = 3;

  /** Replayed inputs of a task. */
  public static final int REPLAYED = 3;

  public final Backbone backbone;
  public final ContinualMethod method;
  public final MethodContext context;
  public final List<LearntTask> learnt = new ArrayList<>();
  public final List<Replay> replay = new ArrayList<>();
  private static final Map<Settings, List<Kept>> SHARED = new ConcurrentHashMap<>();

  private final TrainerOptions training;
  private final Settings settings;

  public TinyStream(String method, String model, ComputeType type) {
    this(method, model, type, 1, TRAINING);
  }

  public TinyStream(
      String method, String model, ComputeType type, long seed, TrainerOptions training) {
    this(method, model, type, seed, training, MAX_REPLAY_SAMPLES);
  }

  /**
   * A stream of its own limit.
   *
   * @param maxReplaySamples most replayed inputs in a step
   */
  public TinyStream(
      String method,
      String model,
      ComputeType type,
      long seed,
      TrainerOptions training,
      int maxReplaySamples) {
    this(method, model, Placement.cpu(type), seed, training, maxReplaySamples);
  }

  /** A stream on any device. */
  public TinyStream(
      String method,
      String model,
      Placement placement,
      long seed,
      TrainerOptions training,
      int maxReplaySamples) {
    this.training = training;
    settings = new Settings(method, model, placement, seed, training, maxReplaySamples, 0);
    backbone = Backbones.load(Fixtures.folder(model), placement);
    this.method = ContinualMethods.named(method);
    context = new MethodContext(backbone, options(method, maxReplaySamples), seed);
  }

  /** The same with options of {@code method} alone. */
  private static Sections options(String method, int maxReplaySamples) {
    Sections options = options(maxReplaySamples);
    return switch (method) {
      case "l2p" -> options.with("method.options.pool", 6).with("method.options.top", 2);
      default -> options;
    };
  }

  /** Settings for tiny models. */
  public static Sections options(int maxReplaySamples) {
    return Sections.of(
        Map.ofEntries(
            Map.entry("lora.r", 4),
            Map.entry("lora.alpha", 16),
            Map.entry("prompt.length", PROMPT_LENGTH),
            Map.entry("prompt.learning-rate-factor", 1),
            Map.entry("attention.hidden", 20),
            Map.entry("attention.temperature", 1.0),
            Map.entry("attention.center", true),
            Map.entry("attention.initial-key", "fitted"),
            Map.entry("attention.own-share", 0.9),
            Map.entry("attention.learning-rate-factor", 0.1),
            Map.entry("reflection.lambda", 0.5),
            Map.entry("reflection.max-samples", maxReplaySamples)));
  }

  /** Micro-batches of a few examples. */
  static TrainerOptions training(double learningRate) {
    return new TrainerOptions(learningRate, 60, 0);
  }

  /** The tiny models that every behaviour is tested on: one fixture for every kind of backbone. */
  public static List<String> models() {
    return List.of("t5-v10-tiny", "t5-v11-tiny", "llama-tiny", "llama3-tiny");
  }

  /** Every method that learns. */
  public static Stream<String> learning() {
    return ContinualMethods.names().stream()
        .filter(name -> !ContinualMethods.named(name).has(Trait.LEARNS_NOTHING));
  }

  /** Every method that learns, on every kind of model. */
  static Stream<Arguments> methodsAndModels() {
    return learning()
        .flatMap(method -> models().stream().map(model -> Arguments.of(method, model)));
  }

  /** Examples with the given seed; lengths differ. */
  public static List<Example> examples(long seed, int count, int vocabulary) {
    RandomGenerator random = KeyedRandom.of(seed, "examples");
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] source = random.ints(random.nextInt(3, 20), 2, vocabulary).toArray();
      int[] target = random.ints(random.nextInt(1, 6), 2, vocabulary).toArray();
      examples.add(new Example("example-" + i, i, source, target));
    }
    return examples;
  }

  /** What a method that makes examples up learns beside; some are longer than the example. */
  private Example recollection(Example example, long seed) {
    RandomGenerator random = KeyedRandom.of(seed, "recollections", example.row());
    return new Example(
        example.id() + ", made up",
        example.row(),
        random.ints(random.nextInt(1, 4), 2, backbone.vocabulary()).toArray(),
        random.ints(random.nextInt(3, 25), 2, backbone.vocabulary()).toArray());
  }

  /** As the method learns from them: where it makes some up, every third is one of these. */
  public List<Example> examples(long seed, int count) {
    List<Example> examples = examples(seed, count, backbone.vocabulary());
    if (method.recollection(context.sections()) == null) {
      return examples;
    }
    return examples.stream()
        .map(
            example ->
                new Example(
                    example.id(),
                    example.row(),
                    example.source(),
                    example.target(),
                    example.row() % 3 == 1,
                    recollection(example, seed)))
        .toList();
  }

  /** Endless batches from step {@code taken} on, which hold nothing open. */
  public static TaskData.Batches batches(long taken, LongFunction<List<Example>> ofStep) {
    return new TaskData.Batches() {
      private long step = taken;

      @Override
      public List<Example> next() {
        return ofStep.apply(step++);
      }

      @Override
      public void close() {}
    };
  }

  public static List<int[]> sources(List<Example> examples) {
    return examples.stream().map(Example::source).toList();
  }

  /** Has {@code tasks} tasks learnt as most tests want them. */
  public void learn(int tasks) {
    learn(tasks, 4);
  }

  /**
   * Has {@code tasks} tasks learnt with {@code steps} steps each, with replay of some of their
   * inputs. Streams of equal settings have equal tasks: the first one learns them, the others read
   * what it kept.
   */
  public void learn(int tasks, int steps) {
    if (!learnt.isEmpty()) {
      throw new IllegalStateException("The first tasks are learnt already");
    }
    List<Kept> shared = SHARED.computeIfAbsent(settings.with(steps), any -> new ArrayList<>());
    for (int i = 0; i < tasks; i++) {
      List<Double> target = Collections.nCopies(i + 1, 1.0 / (i + 1));
      synchronized (shared) {
        if (shared.size() == i) {
          shared.add(kept("task-" + i, steps, i));
        }
        learnt.add(shared.get(i).read(backbone.placement()).withMeanAttention(target));
      }
      replay.add(new Replay("task-" + i, sources(examples(i, REPLAYED)), target));
    }
  }

  private Kept kept(String task, int steps, long seed) {
    try (PointerScope scope = new PointerScope();
        Learner learner = begin(task)) {
      steps(learner, steps, seed);
      return Kept.of(learner.learnt());
    }
  }

  public Learner begin(String task) {
    return method.begin(context, learnt, task, replay);
  }

  /** Takes steps, with the passes before and after them. */
  void steps(Learner learner, int steps, long seed) {
    run(learner, steps, seed, new AloneExchange());
  }

  /** The same as one of several ranks. */
  void run(Learner learner, int steps, long seed, GradientExchange exchange) {
    try {
      new TaskTraining(backbone, learner, exchange, new Data(seed))
          .run(training, steps, null, Checkpointer.NONE, step -> {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A few shards of unequal sizes; every rank learns from the same batches. */
  private final class Data implements TaskData {
    private final long seed;

    Data(long seed) {
      this.seed = seed;
    }

    @Override
    public int shards() {
      return 4;
    }

    @Override
    public Batches batches(long taken) {
      return TinyStream.batches(taken, step -> TinyStream.this.examples(seed, BATCH));
    }

    @Override
    public List<Example> examples(InputPass.Over over, int shard, int most) {
      return TinyStream.this.examples(
          seed * 31 + shard + (over == InputPass.Over.DEV ? 7 : 0), 2 + 3 * shard);
    }
  }

  Predictor restore(int evaluated) {
    return method.restore(context, learnt, learnt.get(evaluated).task());
  }

  public Tensor logits(Predictor predictor, List<Example> examples) {
    return logitsOf(predictor, examples, -1);
  }

  /** Logits with all weight on block {@code only}, or with the predictor's own mixture at -1. */
  Tensor logitsOf(Predictor predictor, List<Example> examples, int only) {
    Source source = backbone.source(sources(examples));
    Tensor weights = predictor.attentionWeights(source);
    if (only >= 0) {
      weights = weights.zero_();
      weights.select(1, only).fill_(new Scalar(1.0));
    }
    return backbone.targetLogits(
        new Batch(source, examples.stream().map(Example::target).toList()),
        predictor.adapt(source, weights));
  }

  Tensor attentionWeights(Predictor predictor, List<Example> examples) {
    return predictor.attentionWeights(backbone.source(sources(examples)));
  }

  /** What comes back from a file. */
  LearntTask stored(LearntTask task) {
    return Kept.of(task).read(backbone.placement());
  }

  /** A learnt task as its files hold it. */
  private record Kept(String task, byte[] block, byte[] attention, List<Double> meanAttention) {
    static Kept of(LearntTask task) {
      return new Kept(
          task.task(),
          NamedTensors.write(task.block(), Map.of("task", task.task())),
          NamedTensors.write(task.attention(), Map.of("task", task.task())),
          task.meanAttention());
    }

    LearntTask read(Placement placement) {
      return new LearntTask(
          task, tensors(block, placement), tensors(attention, placement), meanAttention);
    }

    private static Map<String, Tensor> tensors(byte[] bytes, Placement placement) {
      try (SafetensorsFile file = SafetensorsFile.parse(bytes, "memory")) {
        return NamedTensors.read(file, placement);
      }
    }
  }

  /** All that decides what a stream learns. */
  private record Settings(
      String method,
      String model,
      Placement placement,
      long seed,
      TrainerOptions training,
      int maxReplaySamples,
      int steps) {
    Settings with(int steps) {
      return new Settings(method, model, placement, seed, training, maxReplaySamples, steps);
    }
  }

  @Override
  public void close() {
    backbone.close();
  }
}
