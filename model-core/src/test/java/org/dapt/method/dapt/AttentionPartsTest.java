package org.dapt.method.dapt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Source;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.Sections;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.dapt.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of the method where a part of it is taken away. */
class AttentionPartsTest {
  private static final int STEPS = 3;

  @Test
  void aBlockThatLearnsAloneIsThatOfSingleTask() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream();
        TinyStream single = new TinyStream("single-task", "t5-v10-tiny", ComputeType.FLOAT64);
        Learner alone = single.begin("later");
        Learner own = begin(stream, "dapt-lora", Map.of("attention.learning", "own-block"));
        Learner mixed = begin(stream, "dapt-lora", Map.of())) {
      take(single, alone);
      take(stream, own);
      take(stream, mixed);

      Map<String, Tensor> expected = alone.learnt().block();
      assertThat(distance(expected, own.learnt().block())).isLessThan(1e-9);
      assertThat(distance(expected, mixed.learnt().block())).isGreaterThan(1e-5);
    }
  }

  /** The answers to examples lead neither the keys nor the queries then. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBlockThatLearnsAloneMovesTheAttentionByItsOwnTermsOnly(boolean reflects) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream();
        Learner learner =
            begin(
                stream,
                "dapt-lora",
                Map.of(
                    "attention.learning",
                    "own-block",
                    "reflection.lambda",
                    reflects ? 0.5 : 0.0))) {
      Map<String, Tensor> before = learner.parameters().copies();
      take(stream, learner);
      Map<String, Tensor> after = learner.parameters().copies();

      assertThat(moved(before, after, "key")).isEqualTo(reflects);
      assertThat(moved(before, after, "query.up.weight")).isEqualTo(reflects);
      assertThat(before.keySet().stream().filter(name -> name.startsWith("block.")))
          .isNotEmpty()
          .anyMatch(name -> moved(before, after, name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dapt-lora", "dapt-prompt"})
  void queriesThatDoNotLearnStayAsTheyWereDrawn(String method) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, "t5-v10-tiny", ComputeType.FLOAT64)) {
      stream.learn(2, 2);
      try (Learner learner = begin(stream, method, Map.of("attention.train-queries", false))) {
        Map<String, Tensor> before = learner.parameters().copies();
        take(stream, learner);
        LearntTask learnt = learner.learnt();

        QueryNetwork.of(before)
            .tensors()
            .forEach(
                (name, tensor) ->
                    assertThat(Tensors.toDoubles(learnt.attention().get(name)))
                        .isEqualTo(Tensors.toDoubles(tensor)));
        assertThat(moved(before, learner.parameters().copies(), "key")).isTrue();
      }
    }
  }

  @Test
  void everyBlockHasTheSameWeightWhereNothingSelects() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream();
        Predictor uniform =
            stream.method.restore(
                with(stream, Map.of("attention.selection", "uniform")), stream.learnt, "task-2");
        Predictor selects = stream.method.restore(stream.context, stream.learnt, "task-2")) {
      Source source =
          stream.backbone.source(stream.examples(3, 4).stream().map(Example::source).toList());

      assertThat(Tensors.toDoubles(uniform.attentionWeights(source))).containsOnly(0.5);
      assertThat(Tensors.toDoubles(selects.attentionWeights(source))).doesNotContain(0.5);
    }
  }

  /** So that what is best on dev is chosen by the answers that the run gives. */
  @Test
  void whatIsBeingLearntAnswersAsTheRunWillAndLearnsAsAnyOther() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream();
        Learner uniform = begin(stream, "dapt-lora", Map.of("attention.selection", "uniform"));
        Learner selects = begin(stream, "dapt-lora", Map.of())) {
      take(stream, uniform);
      take(stream, selects);
      List<Example> examples = stream.examples(3, 4);
      Source source = stream.backbone.source(examples.stream().map(Example::source).toList());

      assertThat(Tensors.toDoubles(uniform.attentionWeights(source))).containsOnly(1.0 / 3);
      assertThat(Tensors.toDoubles(selects.attentionWeights(source))).doesNotContain(1.0 / 3);
      assertThat(distance(uniform.parameters().copies(), selects.parameters().copies())).isZero();
      assertThat(meanAttention(uniform, source, examples))
          .isEqualTo(meanAttention(selects, source, examples));
    }
  }

  private static List<Double> meanAttention(
      Learner learner, Source source, List<Example> examples) {
    InputPass pass = learner.afterTraining();
    pass.take(pass.of(source, examples).detach().cpu());
    return learner.learnt().meanAttention();
  }

  private static TinyStream stream() {
    TinyStream stream = new TinyStream("dapt-lora", "t5-v10-tiny", ComputeType.FLOAT64);
    stream.learn(2, 2);
    return stream;
  }

  private static boolean moved(Map<String, Tensor> before, Map<String, Tensor> after, String name) {
    return !Arrays.equals(Tensors.toDoubles(before.get(name)), Tensors.toDoubles(after.get(name)));
  }

  /** The largest difference of any value. */
  private static double distance(Map<String, Tensor> one, Map<String, Tensor> other) {
    assertThat(other).containsOnlyKeys(one.keySet());
    return one.entrySet().stream()
        .mapToDouble(
            named -> named.getValue().sub(other.get(named.getKey())).abs().max().item_double())
        .max()
        .orElseThrow();
  }

  private static void take(TinyStream stream, Learner learner) {
    try (Trainer trainer =
        new Trainer(stream.backbone, learner, new AloneExchange(), TinyStream.TRAINING)) {
      List<Example> examples = stream.examples(7, TinyStream.BATCH);
      for (int step = 0; step < STEPS; step++) {
        trainer.step(examples);
      }
    }
  }

  private static Learner begin(TinyStream stream, String method, Map<String, Object> changed) {
    return ContinualMethods.named(method)
        .begin(with(stream, changed), stream.learnt, "later", stream.replay);
  }

  private static MethodContext with(TinyStream stream, Map<String, Object> changed) {
    Sections options = TinyStream.options(TinyStream.REPLAYED);
    for (Map.Entry<String, Object> change : changed.entrySet()) {
      options = options.with(change.getKey(), change.getValue());
    }
    return new MethodContext(stream.backbone, options, stream.context.seed());
  }
}
