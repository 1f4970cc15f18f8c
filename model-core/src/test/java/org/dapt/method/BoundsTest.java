package org.dapt.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Batch;
import org.dapt.error.InputException;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The methods between which learning in sequence lies. */
class BoundsTest {
  private static final LearntTask EMPTY = new LearntTask("before", Map.of(), Map.of(), List.of());

  private static List<String> models() {
    return TinyStream.models();
  }

  @ParameterizedTest
  @MethodSource("models")
  void zeroShotAnswersAsTheFrozenModel(String model) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard();
        TinyStream stream = new TinyStream("zero-shot", model, ComputeType.FLOAT32);
        Predictor predictor =
            stream.method.restore(stream.context, List.of(EMPTY, EMPTY), "before")) {
      List<Example> examples = stream.examples(3, 5);
      Batch batch =
          new Batch(
              stream.backbone.source(TinyStream.sources(examples)),
              examples.stream().map(Example::target).toList());

      assertThat(Tensors.toDoubles(stream.logits(predictor, examples)))
          .isEqualTo(Tensors.toDoubles(stream.backbone.targetLogits(batch, Adaptation.NONE)));
    }
  }

  /** Blocks of tasks before the last are empty: the last one alone answers, whoever asks. */
  @ParameterizedTest
  @MethodSource("models")
  void multiTaskAnswersAllTasksWithTheLastBlock(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("multi-task", model, ComputeType.FLOAT32)) {
      stream.learn(1);
      LearntTask last = stream.learnt.get(0);
      List<Example> examples = stream.examples(3, 5);
      try (NoGradGuard guard = new NoGradGuard();
          Predictor alone = stream.method.restore(stream.context, List.of(last), "any");
          Predictor behind =
              stream.method.restore(stream.context, List.of(EMPTY, EMPTY, last), "before")) {
        assertThat(Tensors.toDoubles(stream.logits(behind, examples)))
            .isEqualTo(Tensors.toDoubles(stream.logits(alone, examples)));
      }
      assertThatThrownBy(
              () -> stream.method.restore(stream.context, List.of(last, EMPTY), "before"))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("before is not the last");
    }
  }
}
