package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Source;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.RankTraining.Outcome;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Digests;
import org.dapt.tensor.Tensors;
import org.dapt.train.Steps;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every registered method must keep on every kind of backbone. */
class MethodBehaviourTest {
  /** Methods whose start follows from the data alone. */
  private static final Set<String> DRAWS_NOTHING = Set.of("inf-lora");

  private static Stream<Arguments> all() {
    return TinyStream.methodsAndModels();
  }

  /** Weights and decoded text in float32; logits there to the precision of float32. */
  @ParameterizedTest
  @MethodSource("all")
  void anExampleDoesNotDependOnItsBatch(String method, String model) {
    assertIndependent(method, model, ComputeType.FLOAT32, 1e-5);
  }

  /** In float64 nothing but rounding far below 1e-5 is left, however large the logits are. */
  @ParameterizedTest
  @MethodSource("all")
  void anExampleDoesNotDependOnItsBatchInFloat64(String method, String model) {
    assertIndependent(method, model, ComputeType.FLOAT64, 1e-12);
  }

  @ParameterizedTest
  @MethodSource("all")
  void gradientsDoNotDependOnHowABatchIsCut(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT64)) {
      stream.learn(2);
      List<Example> examples = stream.examples(7, TinyStream.BATCH);
      Map<String, double[]> whole = gradients(stream, examples, 1_000_000);
      Map<String, double[]> cut = gradients(stream, examples, 1);
      whole.forEach(
          (name, gradient) -> {
            double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
            assertThat(cut.get(name)).as(name).containsExactly(gradient, within(1e-10 * largest));
          });
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void howManyRanksShareABatchDoesNotMatter(String method, String model) throws Exception {
    RankTraining training = new RankTraining(method, model, ComputeType.FLOAT64, 5);
    Outcome one = training.with("local", 1);
    for (int ranks : new int[] {2, 4}) {
      Outcome more = training.with("local", ranks);
      assertThat(more.parameters())
          .as("with %d ranks", ranks)
          .containsExactly(one.parameters(), within(1e-10));
      for (int step = 0; step < one.terms().size(); step++) {
        Map<String, Double> terms = more.terms().get(step);
        one.terms()
            .get(step)
            .forEach(
                (name, value) ->
                    assertThat(terms.get(name))
                        .as("%s with %d ranks", name, ranks)
                        .isCloseTo(value, within(1e-10)));
      }
    }
  }

  /** Passes before and after training: to the last bit, for they decide what is stored. */
  @ParameterizedTest
  @MethodSource("all")
  void howManyRanksPassOverTheInputsDoesNotMatter(String method, String model) throws Exception {
    Passed one = passed(method, model, 1);
    for (int ranks : new int[] {2, 4}) {
      assertThat(passed(method, model, ranks)).as("with %d ranks", ranks).isEqualTo(one);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void learns(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32)) {
      stream.learn(1);
      List<Example> examples = stream.examples(3, TinyStream.BATCH);
      try (Learner learner = stream.begin("later");
          Trainer trainer =
              new Trainer(stream.backbone, learner, new AloneExchange(), TinyStream.TRAINING)) {
        double first = trainer.step(examples).loss();
        double loss = first;
        for (int i = 0; i < 60 && loss >= 0.97 * first; i++) {
          loss = trainer.step(examples).loss();
        }
        assertThat(loss).isLessThan(0.97 * first);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void onlyTheDeclaredParametersChangeAndAllOfThem(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32)) {
      String base = stream.backbone.sha256();
      stream.learn(2);
      List<String> older = stream.learnt.stream().map(LearntTask::sha256).toList();
      try (Learner learner = stream.begin("later")) {
        Map<String, String> before = hashes(learner.parameters().tensors());
        stream.steps(learner, 4, 3);
        Map<String, String> after = hashes(learner.parameters().tensors());
        before.forEach((name, hash) -> assertThat(after.get(name)).as(name).isNotEqualTo(hash));
        // Known before a model is loaded, too, for what a run will cost.
        long numbers =
            learner.parameters().tensors().values().stream().mapToLong(Tensor::numel).sum();
        stream
            .method
            .trained(
                stream.context.sections(), stream.backbone.projections(), stream.backbone.width())
            .ifPresent(known -> assertThat(known).isEqualTo(numbers));
      }
      assertThat(stream.backbone.sha256()).isEqualTo(base);
      assertThat(stream.learnt.stream().map(LearntTask::sha256).toList()).isEqualTo(older);
    }
  }

  /**
   * What an earlier block does to the model is the same with and without the newest: where it has
   * all weight, or where its task is known.
   */
  @ParameterizedTest
  @MethodSource("all")
  void whatAnOlderBlockSaysDoesNotDependOnTheNewest(String method, String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT64)) {
      try (AutoGradMode on = new AutoGradMode(true)) {
        stream.learn(3);
      }
      List<Example> examples = stream.examples(5, 4);
      List<LearntTask> older = stream.learnt.subList(0, 2);
      for (LearntTask task : older) {
        try (Predictor before = stream.method.restore(stream.context, older, task.task());
            Predictor after = stream.method.restore(stream.context, stream.learnt, task.task())) {
          boolean mixes = stream.method.has(Trait.CHOOSES_BLOCKS);
          if (mixes || stream.method.has(Trait.NEEDS_TASK)) {
            int index = older.indexOf(task);
            Tensor expected = stream.logitsOf(before, examples, mixes ? index : -1);
            double scale = Math.max(1, torch.abs(expected).max().item_double());
            assertThat(distance(stream.logitsOf(after, examples, mixes ? index : -1), expected))
                .isLessThan(1e-12 * scale);
          } else {
            // One block for all tasks: the newest is what answers, and the older stay as a record.
            assertThat(stream.learnt.get(2).sha256()).isNotEqualTo(task.sha256());
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void closingFreesAllThatWasTaken(String method, String model) throws InterruptedException {
    try (TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32);
        PointerScope kept = new PointerScope()) {
      stream.learn(2);
      // What the model keeps for later batches is there after the first time.
      learnAndAnswer(stream);
      MemoryTest.collectGarbage();
      long before = Pointer.totalCount();
      learnAndAnswer(stream);
      // Garbage of other tests may go meanwhile.
      assertThat(Pointer.totalCount()).isLessThanOrEqualTo(before);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsKeptIsACopy(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32);
        Learner learner = stream.begin("task")) {
      stream.steps(learner, 2, 1);
      LearntTask kept = learner.learnt();
      String hash = kept.sha256();
      stream.steps(learner, 2, 1);
      assertThat(kept.sha256()).isEqualTo(hash);
      assertThat(learner.learnt().sha256()).isNotEqualTo(hash);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsKeptAndStoredAnswersAsWhatWasLearnt(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT64)) {
      stream.learn(2);
      List<Example> examples = stream.examples(5, 4);
      try (NoGradGuard guard = new NoGradGuard();
          Learner learner = stream.begin("later")) {
        try (AutoGradMode on = new AutoGradMode(true)) {
          stream.steps(learner, 4, 3);
        }
        Tensor expected = stream.logits(learner, examples);
        LearntTask kept = stream.stored(learner.learnt());
        assertThat(kept.sha256()).isEqualTo(learner.learnt().sha256());
        List<LearntTask> tasks = new ArrayList<>();
        stream.learnt.forEach(task -> tasks.add(stream.stored(task)));
        tasks.add(kept);
        try (Predictor restored = stream.method.restore(stream.context, tasks, "later")) {
          // The block that learns is added behind the frozen ones, a restored one together with
          // them: another order of the same additions, hence float64 and a bound of roundings.
          assertThat(distance(stream.logits(restored, examples), expected)).isLessThan(1e-11);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void theSeedDecides(String method, String model) {
    String first = learntWithSeed(method, model, 1);
    assertThat(learntWithSeed(method, model, 1)).isEqualTo(first);
    if (DRAWS_NOTHING.contains(method)) {
      assertThat(learntWithSeed(method, model, 2)).isEqualTo(first);
    } else {
      assertThat(learntWithSeed(method, model, 2)).isNotEqualTo(first);
    }
  }

  /** Weights that share one input out; gates open for it each by itself. */
  @ParameterizedTest
  @MethodSource("all")
  void weightsSumToOneAndASingleTaskHasThemAll(String method, String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32)) {
      Source source = stream.backbone.source(List.of(new int[] {3, 4, 5}, new int[] {6, 1}));
      for (int tasks = 1; tasks <= 3; tasks++) {
        try (Learner learner = stream.begin("task-" + tasks)) {
          Tensor weights = learner.attentionWeights(source);
          if (!stream.method.has(Trait.CHOOSES_BLOCKS)) {
            assertThat(weights).isNull();
          } else {
            assertThat(Tensors.shape(weights)).containsExactly(2, tasks);
            if (stream.method.has(Trait.WEIGHTS_ARE_GATES)) {
              for (double weight : Tensors.toDoubles(weights)) {
                assertThat(weight).isBetween(0.0, 1.0);
              }
            } else {
              if (tasks == 1) {
                assertThat(Tensors.toDoubles(weights)).containsOnly(1.0);
              }
              assertThat(Tensors.toDoubles(weights.sum(1)))
                  .containsExactly(new double[] {1, 1}, within(1e-6));
            }
          }
          stream.learnt.add(learner.learnt());
        }
      }
    }
  }

  /** A task with nothing but its passes, as every one of {@code ranks} has it at last. */
  private static Passed passed(String method, String model, int ranks) throws Exception {
    List<Future<Passed>> all =
        new ThreadGang("local", ranks, Duration.ofSeconds(60))
            .start(
                exchange -> {
                  try (PointerScope scope = new PointerScope();
                      TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT32)) {
                    stream.learn(2);
                    try (Learner learner = stream.begin("later")) {
                      stream.run(learner, 0, 5, exchange);
                      LearntTask learnt = learner.learnt();
                      return new Passed(learnt.sha256(), learnt.meanAttention());
                    }
                  }
                });
    Passed first = all.get(0).get();
    for (Future<Passed> other : all) {
      assertThat(other.get()).isEqualTo(first);
    }
    return first;
  }

  private record Passed(String sha256, List<Double> meanAttention) {}

  private static void assertIndependent(
      String method, String model, ComputeType type, double precision) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, type)) {
      stream.learn(3);
      List<Example> examples = stream.examples(99, 6);
      List<int[]> sources = TinyStream.sources(examples);
      try (NoGradGuard guard = new NoGradGuard();
          Predictor predictor = stream.restore(1)) {
        Tensor together = stream.logits(predictor, examples);
        // The logits of v1.1 are not scaled down and reach tens: float32 resolves their sums to
        // about 1e-6 of the largest.
        double scale = Math.max(1, torch.abs(together).max().item_double());
        GreedyDecoder decoder = new GreedyDecoder(stream.backbone, 8, 4096);
        List<Decoded> decoded = decoder.decode(sources, predictor);
        Tensor weights = predictor.attentionWeights(stream.backbone.source(sources));
        long from = 0;
        for (int i = 0; i < examples.size(); i++) {
          Tensor alone = stream.logits(predictor, List.of(examples.get(i)));
          assertThat(distance(alone, together.narrow(0, from, alone.size(0))))
              .isLessThan(precision * scale);
          from += alone.size(0);
          List<int[]> own = List.of(sources.get(i));
          Decoded answer = decoder.decode(own, predictor).get(0);
          assertThat(answer.tokens()).isEqualTo(decoded.get(i).tokens());
          if (weights != null) {
            Tensor single = predictor.attentionWeights(stream.backbone.source(own));
            assertThat(distance(single.select(0, 0), weights.select(0, i))).isLessThan(precision);
          }
        }
        assertThat(from).isEqualTo(together.size(0));
      }
    }
  }

  private static void learnAndAnswer(TinyStream stream) {
    List<Example> examples = stream.examples(4, 5);
    try (PointerScope scope = new PointerScope();
        Learner learner = stream.begin("later")) {
      stream.steps(learner, 2, 4);
      List<LearntTask> tasks = new ArrayList<>(stream.learnt);
      tasks.add(learner.learnt());
      try (Predictor predictor = stream.method.restore(stream.context, tasks, "later")) {
        new GreedyDecoder(stream.backbone, 4, 40).decode(TinyStream.sources(examples), predictor);
      }
    }
  }

  private static Map<String, double[]> gradients(
      TinyStream stream, List<Example> examples, int microBatchTokens) {
    TrainerOptions options = new TrainerOptions(1e-2, microBatchTokens, 0);
    try (Learner learner = stream.begin("later");
        Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), options)) {
      Steps.gradients(trainer, examples);
      Map<String, double[]> gradients = new LinkedHashMap<>();
      learner
          .parameters()
          .tensors()
          .forEach((name, tensor) -> gradients.put(name, Tensors.toDoubles(tensor.grad())));
      return gradients;
    }
  }

  private static Map<String, String> hashes(Map<String, Tensor> tensors) {
    Map<String, String> hashes = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> hashes.put(name, Digests.sha256(Map.of(name, tensor))));
    return hashes;
  }

  private static String learntWithSeed(String method, String model, long seed) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream =
            new TinyStream(method, model, ComputeType.FLOAT32, seed, TinyStream.TRAINING);
        Learner learner = stream.begin("task")) {
      stream.steps(learner, 3, 1);
      return learner.learnt().sha256();
    }
  }
}
