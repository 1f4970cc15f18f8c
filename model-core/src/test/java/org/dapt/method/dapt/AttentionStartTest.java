package org.dapt.method.dapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Backbones;
import org.dapt.backbone.Source;
import org.dapt.fixture.Fixtures;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.StepTerm;
import org.dapt.method.TinyStream;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where the attention stands before the first step of a task. */
class AttentionStartTest {
  private static List<String> models() {
    return TinyStream.models();
  }

  @ParameterizedTest
  @MethodSource("models")
  void setsInputsAgainstRandomTexts(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        Backbone backbone =
            Backbones.load(Fixtures.folder(model), Placement.cpu(ComputeType.FLOAT32));
        QueryInput input = QueryInput.first(backbone, true);
        QueryInput again = QueryInput.first(backbone, true)) {
      List<int[]> texts = new ArrayList<>();
      RandomGenerator random = KeyedRandom.of(5, "texts");
      for (int i = 0; i < 400; i++) {
        texts.add(random.ints(128, 0, backbone.vocabulary()).toArray());
      }
      Source source = backbone.source(texts);

      Tensor seen = input.of(source);

      assertThat(seen.mean().item_double()).isCloseTo(0, within(0.05));
      assertThat(seen.square().mean().item_double()).isCloseTo(1, within(0.1));
      assertThat(seen.mean(0).abs().max().item_double()).isLessThan(0.5);
      assertThat(Tensors.toDoubles(again.of(source))).isEqualTo(Tensors.toDoubles(seen));
    }
  }

  @ParameterizedTest
  @MethodSource("models")
  void startsAKeyThatTellsItsTaskFromThoseBefore(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-lora", model, ComputeType.FLOAT32)) {
      stream.learn(1);
      try (DualAttentionLearner learner = (DualAttentionLearner) stream.begin("another");
          NoGradGuard guard = new NoGradGuard()) {
        Source own = texts(stream.backbone);
        Tensor before = learner.attentionWeights(own).select(1, 1).mean();

        InputPass pass = learner.beforeTraining();
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < own.size(); i++) {
          examples.add(new Example("example-" + i, i, new int[0], new int[0]));
        }
        pass.take(pass.of(own, examples));

        double weight = learner.attentionWeights(own).select(1, 1).mean().item_double();
        assertThat(weight).isGreaterThan(before.item_double()).isGreaterThan(0.7);
        assertHeld(learner, own);
        Source replayed = stream.backbone.source(stream.replay.get(0).sources());
        assertThat(learner.attentionWeights(replayed).select(1, 1).mean().item_double())
            .isLessThan(0.3);
      }
    }
  }

  /** The term of own inputs against its formula, from the weights alone. */
  private static void assertHeld(DualAttentionLearner learner, Source own) {
    StepTerm term = learner.stepTerms().get(1);
    assertThat(term.name()).isEqualTo("selection");
    assertThat(term.factor()).isEqualTo(0.5);
    double sum = 0;
    double[] weights = Tensors.toDoubles(learner.attentionWeights(own));
    for (int i = 0; i < weights.length; i += 2) {
      sum += 0.9 * Math.log(0.9 / weights[i + 1]) + 0.1 * Math.log(0.1 / weights[i]);
    }
    assertThat(term.value().apply(1L).item_double())
        .isCloseTo(sum / own.size(), within(1e-5))
        .isPositive();
  }

  /** Texts of one half of the vocabulary. */
  private static Source texts(Backbone backbone) {
    RandomGenerator random = KeyedRandom.of(1, "half");
    int half = backbone.vocabulary() / 2;
    List<int[]> texts = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      texts.add(random.ints(random.nextInt(20, 60), 2, half).toArray());
    }
    return backbone.source(texts);
  }
}
