package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.decode.GreedyDecoder;
import org.dapt.decode.Sampler;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.lora.SampleGenerator;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Device;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.dapt.tensor.TestDevice;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whole streams on a device that is not the processor: the one of {@code -Ddapt.device}, or a fake
 * one. A tensor left behind in host memory fails there.
 */
class OtherDeviceTest {
  private static Device device;

  /** What a stream comes to. */
  private record Outcome(
      List<Double> losses, double[] gradient, double[] parameters, List<String> answers) {}

  @BeforeAll
  static void choose() {
    device = TestDevice.get();
  }

  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#methodsAndModels")
  void learnsAndAnswersAsTheProcessorDoes(String method, String model) {
    Outcome expected = outcome(method, model, Device.CPU);
    Outcome actual = outcome(method, model, device);
    assertClose(actual, expected);
  }

  @ParameterizedTest
  @MethodSource("org.dapt.method.TinyStream#models")
  void aGeneratorOfPseudoSamplesLearnsAndWritesAsOnTheProcessor(String model) {
    Outcome expected = generator(model, Device.CPU);
    Outcome actual = generator(model, device);
    assertClose(actual, expected);
  }

  private static void assertClose(Outcome actual, Outcome expected) {
    assertThat(actual.losses()).hasSize(6);
    for (int i = 0; i < actual.losses().size(); i++) {
      assertThat(actual.losses().get(i)).isCloseTo(expected.losses().get(i), within(1e-9));
    }
    assertThat(actual.gradient()).containsExactly(expected.gradient(), within(1e-8));
    assertThat(actual.parameters()).containsExactly(expected.parameters(), within(1e-6));
    assertThat(actual.answers()).isEqualTo(expected.answers());
  }

  private static Outcome generator(String model, Device device) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("seq-lora", model, device);
        Learner learner = SampleGenerator.begin(stream.context, "task", 0.3)) {
      return learnt(
          stream,
          learner,
          device,
          () -> {
            try (Predictor predictor = SampleGenerator.restore(stream.context, learner.learnt())) {
              return sampled(stream, predictor);
            }
          });
    }
  }

  private static Outcome outcome(String method, String model, Device device) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(method, model, device)) {
      stream.learn(2, 2);
      stream.learnt.replaceAll(stream::stored);
      try (Learner learner = stream.begin("later")) {
        return learnt(stream, learner, device, () -> answers(stream));
      }
    }
  }

  private static TinyStream stream(String method, String model, Device device) {
    return new TinyStream(
        method,
        model,
        new Placement(device, ComputeType.FLOAT64),
        1,
        TinyStream.TRAINING,
        TinyStream.MAX_REPLAY_SAMPLES);
  }

  /** Takes three steps. */
  private static Outcome learnt(
      TinyStream stream, Learner learner, Device device, Supplier<List<String>> answers) {
    List<Double> losses = new ArrayList<>();
    try (Trainer trainer =
        new Trainer(stream.backbone, learner, new AloneExchange(), TinyStream.TRAINING)) {
      assertOn(device, learner.parameters().values());
      assertOn(device, stream.logits(learner, stream.examples(0, 3)));
      for (int step = 0; step < 3; step++) {
        StepReport report = trainer.step(stream.examples(step, TinyStream.BATCH));
        losses.add(report.crossEntropy());
        losses.add(report.loss());
      }
      return new Outcome(
          losses,
          Tensors.toDoubles(learner.parameters().gradient()),
          Tensors.toDoubles(learner.parameters().values()),
          answers.get());
    }
  }

  private static List<String> answers(TinyStream stream) {
    try (Predictor predictor = stream.restore(1)) {
      List<String> answers = new ArrayList<>(sampled(stream, predictor));
      new GreedyDecoder(stream.backbone, 8, 60)
          .decode(TinyStream.sources(stream.examples(9, 6)), predictor)
          .forEach(decoded -> answers.add(Arrays.toString(decoded.tokens())));
      return answers;
    }
  }

  private static List<String> sampled(TinyStream stream, Predictor predictor) {
    return new Sampler(stream.backbone, 6, 5, 1.2)
        .sample(new int[] {5, 9, 13}, predictor, List.of(new Random(1), new Random(2))).stream()
            .map(Arrays::toString)
            .toList();
  }

  private static void assertOn(Device device, Tensor tensor) {
    assertThat(tensor.is_cpu()).isEqualTo(device.isCpu());
    assertThat(tensor.device().str().getString()).isEqualTo(device.name());
  }
}
