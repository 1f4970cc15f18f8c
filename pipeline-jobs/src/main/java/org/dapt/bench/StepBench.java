package org.dapt.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.data.reader.Split;
import org.dapt.error.ConfigException;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Replay;
import org.dapt.method.Sections;
import org.dapt.models.Models;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;

/** Measures training steps of a stream's newest task. */
public final class StepBench {
  private static final long SEED = 1;
  private static final int ALPHA = 32;
  private static final int PROMPT_LENGTH = 10;
  private static final int QUERY_HIDDEN = 100;
  private static final double REFLECTION = 1.0;
  private static final double LEARNING_RATE = 1e-4;

  private final BenchModel model;
  private final StepSettings settings;

  /** Measures {@code model} with {@code settings}. */
  public StepBench(BenchModel model, StepSettings settings) {
    this.model = model;
    this.settings = settings;
  }

  /** Takes the steps. */
  public BenchResult run() throws Exception {
    ContinualMethod method = ContinualMethods.named(settings.method());
    NativeRuntime.useThreads(settings.threads());
    try (PointerScope scope = new PointerScope();
        Backbone backbone = model.load(settings.type())) {
      MethodContext context =
          new MethodContext(
              backbone,
              Sections.of(
                  Map.of(
                      "lora.r",
                      settings.rank(),
                      "lora.alpha",
                      ALPHA,
                      "prompt.length",
                      PROMPT_LENGTH,
                      "attention.hidden",
                      QUERY_HIDDEN,
                      "attention.temperature",
                      1.0,
                      "attention.center",
                      true,
                      "attention.initial-key",
                      "fitted",
                      "attention.own-share",
                      0.9,
                      "reflection.lambda",
                      REFLECTION,
                      "reflection.max-samples",
                      Integer.MAX_VALUE)),
              SEED);
      List<LearntTask> earlier = new ArrayList<>();
      List<Replay> replay = new ArrayList<>();
      for (int i = 1; i < settings.tasks(); i++) {
        earlier.add(untrained(method, context, earlier, i));
        if (settings.replay() > 0) {
          replay.add(replay(backbone, i));
        }
      }
      TrainerOptions options =
          new TrainerOptions(
              LEARNING_RATE,
              settings.microBatchTokens(),
              0,
              Long.MAX_VALUE,
              null,
              settings.recompute());
      try (Learner learner = method.begin(context, earlier, "newest", replay);
          Trainer trainer = new Trainer(backbone, learner, new AloneExchange(), options)) {
        return measure(trainer, examples(backbone));
      }
    }
  }

  private BenchResult measure(Trainer trainer, List<Example> examples) throws Exception {
    int epoch = (examples.size() + settings.batch() - 1) / settings.batch();
    int steps = settings.steps() == 0 ? epoch : settings.steps();
    for (int i = 0; i < settings.warmup(); i++) {
      trainer.step(batch(examples, i % epoch));
    }
    DeviceMeter meter = new DeviceMeter(model.device());
    meter.finish();
    Timings timings = new Timings();
    long tokens = 0;
    for (int i = 0; i < steps; i++) {
      List<Example> batch = batch(examples, i % epoch);
      timings.measure(
          () -> {
            trainer.step(batch);
            meter.finish();
          });
      for (Example example : batch) {
        tokens += example.source().length + example.target().length;
      }
    }
    Map<String, Object> more = new LinkedHashMap<>();
    more.put("steps", steps);
    more.putAll(meter.figures());
    return new BenchResult(timings, tokens, more, describe(examples.size()));
  }

  private List<Example> batch(List<Example> examples, int index) {
    int from = index * settings.batch();
    return examples.subList(from, Math.min(from + settings.batch(), examples.size()));
  }

  private List<Example> examples(Backbone backbone) throws Exception {
    if (settings.data() == null) {
      RandomGenerator random = KeyedRandom.of(SEED, "bench-examples");
      List<Example> examples = new ArrayList<>();
      for (int i = 0; i < settings.batch(); i++) {
        examples.add(
            new Example(
                "example " + i,
                RandomTokens.draw(random, settings.source(), backbone),
                RandomTokens.draw(random, settings.target(), backbone)));
      }
      return examples;
    }
    StepSettings.Data data = settings.data();
    TaskTexts texts = TaskTexts.read(data.task(), data.format(), Split.TRAIN, data.limit());
    TextTokenizer tokenizer = Models.tokenizer(data.tokenizer());
    List<Example> examples =
        new ArrayList<>(texts.tokenised(tokenizer, settings.source(), settings.target()));
    for (Example example : examples) {
      checkIds(example, backbone);
    }
    Collections.shuffle(examples, new Random(SEED));
    return examples;
  }

  private void checkIds(Example example, Backbone backbone) {
    for (int id : example.source()) {
      if (id >= backbone.vocabulary()) {
        throw new ConfigException(
            "The tokenizer "
                + settings.data().tokenizer()
                + " gives the id "
                + id
                + ", but the model "
                + model.name()
                + " has "
                + backbone.vocabulary()
                + " ids: give the tokenizer of the model.");
      }
    }
  }

  /** Blocks and keys as they start: a step takes the same time whatever their values are. */
  private static LearntTask untrained(
      ContinualMethod method, MethodContext context, List<LearntTask> earlier, int number) {
    try (Learner learner = method.begin(context, earlier, "task-" + number, List.of())) {
      return learner.learnt().withMeanAttention(Collections.nCopies(number, 1.0 / number));
    }
  }

  private Replay replay(Backbone backbone, int number) {
    RandomGenerator random = KeyedRandom.of(SEED, "bench-replay", number);
    List<int[]> sources = new ArrayList<>();
    for (int i = 0; i < settings.replay(); i++) {
      sources.add(RandomTokens.draw(random, settings.source(), backbone));
    }
    return new Replay("task-" + number, sources, Collections.nCopies(number, 1.0 / number));
  }

  private Map<String, Object> describe(int examples) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("command", "step");
    all.put("model", model.name());
    all.put("method", settings.method());
    all.put("tasks", settings.tasks());
    all.put("batch", settings.batch());
    all.put("source", settings.source());
    all.put("target", settings.target());
    all.put("rank", settings.rank());
    all.put("threads", settings.threads());
    all.put("dtype", settings.type().key());
    all.put("device", model.device().name());
    all.put("warmup", settings.warmup());
    all.put("replay", settings.replay());
    all.put("micro_batch_tokens", settings.microBatchTokens());
    all.put("recompute", settings.recompute());
    all.put("examples", examples);
    if (settings.data() != null) {
      all.put("task", settings.data().task().toString());
    }
    return all;
  }
}
