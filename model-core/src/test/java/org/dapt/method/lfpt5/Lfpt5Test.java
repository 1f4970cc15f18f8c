package org.dapt.method.lfpt5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.error.InputException;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Rehearsal;
import org.dapt.method.Sections;
import org.dapt.method.TinyStream;
import org.dapt.pet.PromptBlock;
import org.dapt.tensor.ComputeType;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What LFPT5 promises beside the golden values. */
class Lfpt5Test {
  private static List<String> models() {
    return TinyStream.models();
  }

  /** The prompt before a task is the one that it begins with, and stays as it was. */
  @ParameterizedTest
  @MethodSource("models")
  void theDivergenceIsFromThePromptBeforeTheTask(String model) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("lfpt5", model, ComputeType.FLOAT64)) {
      List<Example> examples = stream.examples(3, TinyStream.BATCH);
      try (Learner first = stream.begin("first");
          Trainer trainer = trainer(stream, first)) {
        for (int i = 0; i < 3; i++) {
          assertThat(trainer.step(examples).terms().get("divergence")).isZero();
        }
        stream.learnt.add(first.learnt());
      }
      String before = stream.learnt.get(0).sha256();
      try (Learner second = stream.begin("second");
          Trainer trainer = trainer(stream, second)) {
        assertThat(second.learnt().block().keySet()).containsExactly(PromptBlock.PROMPT);
        StepReport beginning = trainer.step(examples);
        assertThat(beginning.terms().get("divergence")).isCloseTo(0, within(1e-10));
        StepReport later = trainer.step(examples);
        assertThat(later.terms().get("divergence")).isGreaterThan(1e-6);
        // No generated example, nothing to hold.
        List<Example> own = examples.stream().filter(example -> !example.earlier()).toList();
        assertThat(trainer.step(own).terms().get("divergence")).isZero();
        assertThat(trainer.step(examples).terms().get("generator")).isPositive();
      }
      assertThat(stream.learnt.get(0).sha256()).isEqualTo(before);
    }
  }

  @Test
  void generatedExamplesAreAsManyAsASharesWorth() {
    Rehearsal rehearsal = new Lfpt5().rehearsal(Sections.of(Map.of()));
    assertThat(rehearsal.kept(160)).isEqualTo(3);
    assertThat(rehearsal.kept(10)).isEqualTo(1);
    assertThat(rehearsal.mix(160, 3).keptAmong(163)).isEqualTo(3);
  }

  @Test
  void refusesAPromptOfAnotherLength() {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("lfpt5", models().get(0), ComputeType.FLOAT32)) {
      stream.learn(1);
      LearntTask learnt = stream.learnt.get(0);
      MethodContext longer =
          new MethodContext(
              stream.backbone,
              Sections.of(Map.of("prompt.length", TinyStream.PROMPT_LENGTH + 1)),
              1);
      assertThatThrownBy(() -> stream.method.restore(longer, List.of(learnt), learnt.task()))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("block of task task-0", "prompt.length");
    }
  }

  private static Trainer trainer(TinyStream stream, Learner learner) {
    return new Trainer(stream.backbone, learner, new AloneExchange(), TinyStream.TRAINING);
  }
}
