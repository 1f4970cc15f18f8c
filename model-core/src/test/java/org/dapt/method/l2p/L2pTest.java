package org.dapt.method.l2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.dapt.fixture.GoldenTensors.distance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.decode.Decoded;
import org.dapt.decode.GreedyDecoder;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Sections;
import org.dapt.method.TinyStream;
import org.dapt.pet.PromptBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Learning to Prompt promises, beside what every method must keep. */
class L2pTest {
  private static final int POOL = 6;
  private static final int TOP = 2;

  private static List<String> models() {
    return TinyStream.models();
  }

  /** Prompts made of embeddings of tokens are those tokens, each input's own, the nearest first. */
  @ParameterizedTest
  @MethodSource("models")
  void everyInputIsAnsweredBehindThePromptsThatItChose(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = stream(model)) {
      int length = TinyStream.PROMPT_LENGTH;
      int[] tokens = IntStream.range(0, POOL * length).map(i -> 2 + 7 * i).toArray();
      Tensor prompts =
          stream
              .backbone
              .embed(
                  stream
                      .backbone
                      .placement()
                      .indices(Arrays.stream(tokens).asLongStream().toArray()))
              .view(POOL, length, stream.backbone.width());
      List<Example> examples = stream.examples(1, 8);
      // Keys near some inputs' queries, so that inputs differ in what they choose.
      Tensor queries =
          stream.backbone.meanState(stream.backbone.source(TinyStream.sources(examples)));
      Tensor keys =
          queries
              .sub(
                  queries.mean(new long[] {0}, true, new org.bytedeco.pytorch.ScalarTypeOptional()))
              .narrow(0, 0, POOL)
              .contiguous();
      LearntTask learnt = task("only", prompts, keys);
      List<Example> longer = new ArrayList<>();
      List<List<Long>> choices = new ArrayList<>();
      for (int i = 0; i < examples.size(); i++) {
        List<Long> chosen = nearest(queries.select(0, i), keys);
        choices.add(chosen);
        IntStream source = IntStream.of(examples.get(i).source());
        for (int place = TOP - 1; place >= 0; place--) {
          int from = (int) (chosen.get(place) * length);
          source = IntStream.concat(Arrays.stream(tokens, from, from + length), source);
        }
        longer.add(new Example(examples.get(i).id(), source.toArray(), examples.get(i).target()));
      }
      assertThat(choices.stream().distinct().count()).as("different choices").isGreaterThan(3);
      GreedyDecoder decoder = new GreedyDecoder(stream.backbone, 12, 4096);
      try (Predictor pooled = stream.method.restore(stream.context, List.of(learnt), "any")) {
        assertThat(pooled.prefixLength()).isEqualTo(TOP * length);
        Tensor expected = stream.logits(Predictor.NONE, longer);
        double scale = Math.max(1, torch.abs(expected).max().item_double());
        assertThat(distance(stream.logits(pooled, examples), expected)).isLessThan(1e-12 * scale);
        List<List<Integer>> answers = answers(decoder, longer, Predictor.NONE);
        assertThat(answers(decoder, examples, pooled)).isEqualTo(answers);
        Collections.reverse(examples);
        Collections.reverse(answers);
        assertThat(answers(new GreedyDecoder(stream.backbone, 12, 1), examples, pooled))
            .as("in another order, one at a time")
            .isEqualTo(answers);
      }
    }
  }

  /** The largest cosines, one dot product at a time. */
  private static List<Long> nearest(Tensor query, Tensor keys) {
    double[] q = Tensors.toDoubles(query.contiguous());
    double[] cosines = new double[POOL];
    for (int j = 0; j < POOL; j++) {
      double[] k = Tensors.toDoubles(keys.select(0, j).contiguous());
      double dot = 0;
      double ofKey = 0;
      for (int i = 0; i < q.length; i++) {
        dot += q[i] * k[i];
        ofKey += k[i] * k[i];
      }
      cosines[j] = dot / Math.sqrt(ofKey);
    }
    return IntStream.range(0, POOL)
        .boxed()
        .sorted((a, b) -> Double.compare(cosines[b], cosines[a]))
        .limit(TOP)
        .map(Integer::longValue)
        .toList();
  }

  @ParameterizedTest
  @MethodSource("models")
  void aPoolStartsOfEmbeddingsAndOfKeysThatDiffer(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(model);
        Learner learner = stream.begin("first")) {
      Map<String, Tensor> start = learner.parameters().tensors();
      long width = stream.backbone.width();
      assertThat(Tensors.shape(start.get("pool.prompts")))
          .containsExactly(POOL, TinyStream.PROMPT_LENGTH, width);
      assertThat(Tensors.shape(start.get("pool.keys"))).containsExactly(POOL, width);
      assertThat(torch.abs(start.get("pool.keys")).max().item_double()).isBetween(0.9, 1.0);
      assertThat(start.get("pool.keys").mean().item_double()).isCloseTo(0, within(0.2));
      Tensor rows = start.get("pool.prompts").detach().view(-1, width);
      long[] all = IntStream.range(0, stream.backbone.vocabulary()).asLongStream().toArray();
      Tensor embeddings = stream.backbone.embed(stream.backbone.placement().indices(all));
      for (long row = 0; row < rows.size(0); row++) {
        Tensor away = torch.abs(embeddings.sub(rows.select(0, row))).sum(1);
        assertThat(away.min().item_double()).isZero();
      }
      double size = PromptBlock.size(stream.backbone);
      assertThat(learner.learningRate("pool.keys", 1e-3)).isEqualTo(1e-3);
      assertThat(learner.learningRate("pool.prompts", 1e-3)).isCloseTo(size * 1e-3, within(1e-12));
    }
  }

  /** The term is recorded, and grows: the chosen keys turn to the queries. */
  @ParameterizedTest
  @MethodSource("models")
  void chosenKeysAreDrawnToTheQueriesAndTheOthersStay(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(model)) {
      List<Example> examples = stream.examples(3, 8);
      Source source = stream.backbone.source(TinyStream.sources(examples));
      try (Learner learner = stream.begin("task");
          Trainer trainer =
              new Trainer(stream.backbone, learner, new AloneExchange(), TinyStream.TRAINING)) {
        PromptPool start = PromptPool.of(learner.parameters().copies());
        List<Long> chosen =
            Arrays.stream(
                    Tensors.toLongs(
                        PromptPool.chosen(start.similarity(stream.backbone.meanState(source)), TOP)
                            .contiguous()))
                .boxed()
                .toList();
        StepReport first = trainer.step(examples);
        assertThat(first.terms()).containsOnlyKeys("pull");
        assertThat(first.loss())
            .isCloseTo(first.crossEntropy() - 0.5 * first.terms().get("pull"), within(1e-12));
        Tensor keys = learner.parameters().get("pool.keys");
        for (int key = 0; key < POOL; key++) {
          assertThat(distance(keys.select(0, key), start.keys().select(0, key)) > 0)
              .isEqualTo(chosen.contains((long) key));
        }
        double last = 0;
        for (int step = 0; step < 20; step++) {
          last = trainer.step(examples).terms().get("pull");
        }
        assertThat(last).isGreaterThan(first.terms().get("pull")).isLessThanOrEqualTo(TOP);
      }
    }
  }

  /** One pool for all tasks, and of each task which prompts its dev inputs chose. */
  @Test
  void thePoolGoesOnAndChoicesAreKept() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(models().get(0))) {
      stream.learn(2);
      LearntTask last = stream.learnt.get(1);
      assertThat(last.block()).containsOnlyKeys("pool.prompts");
      assertThat(last.attention()).containsOnlyKeys("pool.keys", "chosen");
      double[] chosen = Tensors.toDoubles(last.attention().get("chosen"));
      assertThat(chosen).hasSize(POOL);
      assertThat(Arrays.stream(chosen).sum()).isCloseTo(TOP, within(1e-6));
      assertThat(Arrays.stream(chosen).boxed()).allMatch(share -> share >= 0 && share <= 1);
      try (Learner next = stream.begin("next")) {
        assertThat(
                distance(next.parameters().get("pool.prompts"), last.block().get("pool.prompts")))
            .isZero();
        assertThat(distance(next.parameters().get("pool.keys"), last.attention().get("pool.keys")))
            .isZero();
      }
    }
  }

  @Test
  void wrongOptionsAndForeignPoolsAreRefused() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(models().get(0))) {
      Sections sections = TinyStream.options(1).with("method.options.pool", 3);
      MethodContext more =
          new MethodContext(stream.backbone, sections.with("method.options.top", 4), 1);
      assertThatThrownBy(() -> stream.method.begin(more, List.of(), "task", List.of()))
          .isInstanceOf(ConfigException.class)
          .hasMessageContaining("method.options.top is 4, expected a whole number from 1 to 3");
      MethodContext small = new MethodContext(stream.backbone, sections, 1);
      stream.learn(1);
      assertThatThrownBy(() -> stream.method.restore(small, stream.learnt, "task-0"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("task task-0")
          .hasMessageContaining("[6, 3, ")
          .hasMessageContaining("expected [3, 3, ")
          .hasMessageContaining("method.options.pool");
      LearntTask foreign =
          new LearntTask("other", Map.of("prompt", torch.zeros(3, 4)), Map.of(), List.of());
      assertThatThrownBy(
              () -> stream.method.begin(stream.context, List.of(foreign), "next", List.of()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("other is no pool for l2p: its pool.prompts have the shape none");
    }
  }

  /** Keys of zeros, which are similar to nothing, are neither divided by nor give NaN. */
  @Test
  void aKeyOfZerosIsSimilarToNothing() {
    try (PointerScope scope = new PointerScope()) {
      Tensor keys = torch.zeros(2, 3).to(ScalarType.Double);
      keys.select(0, 1).fill_(new Scalar(2.0));
      PromptPool pool = new PromptPool(torch.zeros(2, 1, 3).to(ScalarType.Double), keys);
      Tensor query = torch.ones(1, 3).to(ScalarType.Double);
      assertThat(Tensors.toDoubles(pool.similarity(query))[0]).isZero();
      assertThat(Tensors.toDoubles(pool.similarity(query))[1]).isCloseTo(1, within(1e-12));
      assertThat(Tensors.toLongs(PromptPool.chosen(torch.zeros(1, 4), 3).contiguous()))
          .as("equally similar ones")
          .containsExactly(0, 1, 2);
    }
  }

  private static TinyStream stream(String model) {
    return new TinyStream("l2p", model, ComputeType.FLOAT64);
  }

  private static LearntTask task(String name, Tensor prompts, Tensor keys) {
    return new LearntTask(
        name, Map.of("pool.prompts", prompts), Map.of("pool.keys", keys), List.of());
  }

  private static List<List<Integer>> answers(
      GreedyDecoder decoder, List<Example> examples, Predictor predictor) {
    return new ArrayList<>(
        decoder.decode(TinyStream.sources(examples), predictor).stream()
            .map(Decoded::tokens)
            .map(tokens -> Arrays.stream(tokens).boxed().toList())
            .toList());
  }
}
