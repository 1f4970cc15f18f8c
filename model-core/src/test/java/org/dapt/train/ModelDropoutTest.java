package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The dropout of the frozen model's own layers. */
class ModelDropoutTest {
  private static final ModelDropout TENTH = new ModelDropout(0.1, 7, "task");

  @Test
  void asManyAreDroppedAsAskedForAndTheMeanStays() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("seq-lora")) {
      Example example = new Example("a", 3, new int[100], new int[1]);
      DroppedLayers dropped = over(new ModelDropout(0.3, 7, "t"), stream, List.of(example), 1);
      double[] states =
          Tensors.toDoubles(dropped.states(ones(stream, 1, 100, 64), Positions.SOURCE));
      int zeros = 0;
      double sum = 0;
      for (double value : states) {
        assertThat(value).isIn(0.0, 1 / 0.7);
        zeros += value == 0 ? 1 : 0;
        sum += value;
      }
      assertThat((double) zeros / states.length).isCloseTo(0.3, within(0.03));
      assertThat(sum / states.length).isCloseTo(1, within(0.03));
      // Every place has a draw of its own, and padding keeps all.
      assertThat(Tensors.toDoubles(dropped.states(ones(stream, 1, 100, 64), Positions.SOURCE)))
          .isNotEqualTo(states);
      assertThat(
              Tensors.toDoubles(
                  dropped.states(ones(stream, 1, 8, 64), Positions.TARGET).narrow(1, 1, 7)))
          .containsOnly(1);
    }
  }

  /**
   * A short answer to a long source alone is computed by other products than the same in a batch
   * with a long answer.
   */
  @ParameterizedTest
  @CsvSource({"seq-lora, t5-v10-tiny", "dapt-lora, t5-v11-tiny", "dapt-prompt, t5-v10-tiny"})
  void anExampleLosesTheSameInEveryBatch(String method, String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, ComputeType.FLOAT64)) {
      stream.learn(1, 3);
      try (Learner learner = stream.begin("later");
          NoGradGuard guard = new NoGradGuard()) {
        List<Example> examples = new ArrayList<>(stream.examples(5, 4));
        int[] source = new int[60];
        Arrays.fill(source, 9);
        examples.add(new Example("long source", 90, source, new int[] {4, 1}));
        int[] target = new int[40];
        Arrays.fill(target, 8);
        examples.add(new Example("long target", 91, new int[] {5, 1}, target));
        double[] together = logits(stream, learner, TENTH, examples, 2);
        int at = 0;
        for (Example example : examples) {
          double[] alone = logits(stream, learner, TENTH, List.of(example), 2);
          for (double value : alone) {
            assertThat(together[at++]).as(example.id()).isCloseTo(value, within(1e-9));
          }
          assertThat(logits(stream, learner, TENTH, List.of(example), 2)).isEqualTo(alone);
          assertThat(logits(stream, learner, TENTH, List.of(example), 3)).isNotEqualTo(alone);
          assertThat(logits(stream, learner, new ModelDropout(0.1, 8, "task"), List.of(example), 2))
              .isNotEqualTo(alone);
          assertThat(logits(stream, learner, null, List.of(example), 2)).isNotEqualTo(alone);
        }
        assertThat(at).isEqualTo(together.length);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void ranksComeToTheSame(int ranks) throws Exception {
    double[] one = learn(new AloneExchange(), TENTH);
    List<Future<double[]>> all =
        new ThreadGang("gloo", ranks, Duration.ofSeconds(60)).start(e -> learn(e, TENTH));
    for (Future<double[]> rank : all) {
      assertThat(rank.get()).containsExactly(one, within(1e-9));
    }
    assertThat(learn(new AloneExchange(), null)).isNotEqualTo(one);
  }

  /** Some steps of a task, each rank with its part of the examples. */
  private static double[] learn(GradientExchange exchange, ModelDropout dropout) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("dapt-lora");
        Learner learner = stream.begin("task");
        Trainer trainer =
            new Trainer(
                stream.backbone,
                learner,
                exchange,
                new TrainerOptions(3e-4, 60, 0, 1, dropout, false))) {
      for (int step = 0; step < 4; step++) {
        List<Example> own = new ArrayList<>();
        List<Example> batch = stream.examples(step, 6);
        for (int i = exchange.rank(); i < batch.size(); i += exchange.ranks()) {
          own.add(batch.get(i));
        }
        trainer.step(own);
      }
      return Tensors.toDoubles(learner.parameters().values());
    }
  }

  private static double[] logits(
      TinyStream stream, Learner learner, ModelDropout dropout, List<Example> examples, long step) {
    Batch batch =
        new Batch(
            stream.backbone.source(TinyStream.sources(examples)),
            examples.stream().map(Example::target).toList());
    Adaptation plain = learner.adaptForTraining(batch.source(), examples, step);
    Adaptation used =
        dropout == null ? plain : dropout.over(plain, examples, step, stream.backbone.placement());
    return Tensors.toDoubles(stream.backbone.targetLogits(batch, used));
  }

  private static DroppedLayers over(
      ModelDropout dropout, TinyStream stream, List<Example> examples, long step) {
    return (DroppedLayers)
        dropout.over(Adaptation.NONE, examples, step, stream.backbone.placement());
  }

  private static TinyStream stream(String method) {
    return new TinyStream(method, "t5-v10-tiny", ComputeType.FLOAT64);
  }

  private static Tensor ones(TinyStream stream, long... shape) {
    return stream.backbone.placement().ones(stream.backbone.placement().scalar(), shape);
  }
}
