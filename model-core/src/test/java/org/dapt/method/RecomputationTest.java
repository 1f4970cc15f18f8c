package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.lora.SampleGenerator;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tensor.Tensors;
import org.dapt.train.ModelDropout;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers that are computed again on the way back lead to the same losses and parameters. */
class RecomputationTest {
  private static final ModelDropout DROPOUT = new ModelDropout(0.2, 7, "later");

  /** What some steps come to. */
  private record Outcome(List<Double> losses, double[] gradient, double[] parameters) {}

  /** Products of the same numbers have the same bits only with as many threads. */
  @BeforeAll
  static void useOneThread() {
    NativeRuntime.useThreads(1);
  }

  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#methodsAndModels")
  void everyMethodLearnsTheSame(String method, String model) {
    assertClose(
        outcome(method, model, ComputeType.FLOAT64, null, true),
        outcome(method, model, ComputeType.FLOAT64, null, false),
        1e-12);
  }

  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#methodsAndModels")
  void layersLoseTheSameWhenTheyAreComputedAgain(String method, String model) {
    assertClose(
        outcome(method, model, ComputeType.FLOAT64, DROPOUT, true),
        outcome(method, model, ComputeType.FLOAT64, DROPOUT, false),
        1e-12);
  }

  /** Where layers share nothing that learns, there are no sums to be made in another order. */
  @ParameterizedTest
  @CsvSource({"FLOAT32, llama-tiny", "BFLOAT16, llama3-tiny", "BFLOAT16, llama-tiny"})
  void withoutWhatLayersShareTheBitsAreTheSame(ComputeType type, String model) {
    assertThat(outcome("seq-lora", model, type, null, true))
        .usingRecursiveComparison()
        .isEqualTo(outcome("seq-lora", model, type, null, false));
  }

  @Test
  void gradientsOfWhatLayersShareAreSummedInTheTypeOfTheModel() {
    Outcome expected = outcome("dapt-lora", "t5-v11-tiny", ComputeType.BFLOAT16, null, false);
    Outcome actual = outcome("dapt-lora", "t5-v11-tiny", ComputeType.BFLOAT16, null, true);
    assertThat(actual.losses().get(0)).isEqualTo(expected.losses().get(0));
    for (int i = 0; i < expected.losses().size(); i++) {
      assertThat(actual.losses().get(i)).isCloseTo(expected.losses().get(i), within(1e-2));
    }
  }

  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void aGeneratorOfPseudoSamplesLearnsTheSame(String model) {
    assertClose(generator(model, true), generator(model, false), 1e-12);
  }

  private static void assertClose(Outcome actual, Outcome expected, double tolerance) {
    assertThat(DoubleStream.of(expected.gradient()).anyMatch(value -> value != 0)).isTrue();
    for (int i = 0; i < expected.losses().size(); i++) {
      assertThat(actual.losses().get(i)).isCloseTo(expected.losses().get(i), within(tolerance));
    }
    assertThat(actual.gradient()).containsExactly(expected.gradient(), within(tolerance));
    // The optimizer divides by the size of gradients, however small.
    assertThat(actual.parameters()).containsExactly(expected.parameters(), within(1e-6));
  }

  private static Outcome outcome(
      String method, String model, ComputeType type, ModelDropout dropout, boolean recompute) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream(method, model, type)) {
      stream.learn(2, 2);
      try (Learner learner = stream.begin("later")) {
        return learnt(stream, learner, dropout, recompute);
      }
    }
  }

  private static Outcome generator(String model, boolean recompute) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("seq-lora", model, ComputeType.FLOAT64);
        Learner learner = SampleGenerator.begin(stream.context, "task", 0.3)) {
      return learnt(stream, learner, null, recompute);
    }
  }

  /** Takes three steps of several micro-batches. */
  private static Outcome learnt(
      TinyStream stream, Learner learner, ModelDropout dropout, boolean recompute) {
    List<Double> losses = new ArrayList<>();
    TrainerOptions options = new TrainerOptions(1e-2, 60, 0, 1, dropout, recompute);
    try (Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), options)) {
      for (int step = 0; step < 3; step++) {
        StepReport report = trainer.step(stream.examples(step, TinyStream.BATCH));
        losses.add(report.crossEntropy());
        losses.add(report.loss());
      }
      return new Outcome(
          losses,
          Tensors.toDoubles(learner.parameters().gradient()),
          Tensors.toDoubles(learner.parameters().values()));
    }
  }
}
