package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.Learner;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** Which parameters are left when the score on dev goes up and down. */
class DevSelectionTest {
  private static final int STEPS = 7;

  /** The score after each step. */
  private static final double[] SCORES = {9, 10, 8, 30, 5, 30, 29};

  @Test
  void theBestOfThoseThatWereLookedAtAreLeft() throws IOException {
    // Steps 3, 6 and 7 are looked at.
    Outcome third = learn(STEPS, new Selection(3, SCORES), Checkpointer.NONE);
    assertThat(third.asked).containsExactly(3L, 6L, 7L);
    assertThat(third.taken.choice()).isEqualTo(new DevChoice(6, 30));
    assertThat(third.taken.records()).hasSize(STEPS);
    assertThat(third.parameters).isEqualTo(last(6)).isNotEqualTo(last(STEPS));
  }

  @Test
  void ofEquallyGoodOnesTheFirstAreLeft() throws IOException {
    Outcome every = learn(STEPS, new Selection(1, SCORES), Checkpointer.NONE);
    assertThat(every.taken.choice()).isEqualTo(new DevChoice(4, 30));
    assertThat(every.parameters).isEqualTo(last(4));
  }

  @Test
  void theLastStepIsAlwaysLookedAt() throws IOException {
    Outcome once = learn(STEPS, new Selection(100, SCORES), Checkpointer.NONE);
    assertThat(once.asked).containsExactly(7L);
    assertThat(once.parameters).isEqualTo(last(STEPS));
  }

  /** What is decided after training, as the mean attention, is of the parameters that are left. */
  @Test
  void thePassAfterTrainingSeesTheBest() throws IOException {
    Outcome best = learn(STEPS, new Selection(2, SCORES), Checkpointer.NONE);
    assertThat(best.taken.choice().step()).isEqualTo(4);
    assertThat(best.attention).isEqualTo(learn(4, null, Checkpointer.NONE).attention);
    assertThat(best.attention).isNotEqualTo(learn(STEPS, null, Checkpointer.NONE).attention);
  }

  @Test
  void withoutOneTheLastAreLeftAndNothingIsSaid() throws IOException {
    Outcome plain = learn(STEPS, null, Checkpointer.NONE);
    assertThat(plain.taken.choice()).isNull();
    assertThat(plain.parameters)
        .isEqualTo(learn(STEPS, new Selection(STEPS, SCORES), Checkpointer.NONE).parameters);
  }

  /** Wherever it was cut off, also behind the best step and at the end. */
  @Test
  void oneThatGoesOnComesToTheSame() throws IOException {
    Outcome whole = learn(STEPS, new Selection(1, SCORES), Checkpointer.NONE);
    for (int cut = 1; cut <= STEPS; cut++) {
      try (KeptState memory = new KeptState(cut)) {
        learn(STEPS, new Selection(1, SCORES), memory);
        memory.restores = true;
        Outcome on = learn(STEPS, new Selection(1, SCORES), memory);
        int before = cut;
        assertThat(on.asked)
            .containsExactlyElementsOf(
                IntStream.rangeClosed(before + 1, STEPS).mapToObj(step -> (long) step).toList());
        assertThat(on.taken.choice()).isEqualTo(whole.taken.choice());
        assertThat(on.parameters).isEqualTo(whole.parameters);
        assertThat(on.attention).isEqualTo(whole.attention);
      }
    }
  }

  /** Looks are 9, 10, 8, 30, 5, 30, 29 after steps 1 to 7. */
  @Test
  void aTaskEndsWhenSoManyLooksInARowWereNoBetter() throws IOException {
    Outcome one = learn(STEPS, new Selection(1, SCORES, 1), Checkpointer.NONE);
    assertThat(one.asked).containsExactly(1L, 2L, 3L);
    assertThat(one.taken.records()).hasSize(3);
    assertThat(one.taken.choice()).isEqualTo(new DevChoice(2, 10));
    assertThat(one.parameters).isEqualTo(last(2));
    // An equally good one is no better.
    Outcome two = learn(STEPS, new Selection(1, SCORES, 2), Checkpointer.NONE);
    assertThat(two.asked).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
    assertThat(two.taken.choice()).isEqualTo(new DevChoice(4, 30));
    assertThat(two.parameters).isEqualTo(last(4));
    Outcome three = learn(STEPS, new Selection(1, SCORES, 3), Checkpointer.NONE);
    assertThat(three.taken.records()).hasSize(STEPS);
    // With a look every two steps: 10, 30, 30, and the last one after step 7.
    Outcome rarely = learn(STEPS, new Selection(2, SCORES, 1), Checkpointer.NONE);
    assertThat(rarely.asked).containsExactly(2L, 4L, 6L);
    assertThat(rarely.taken.choice()).isEqualTo(new DevChoice(4, 30));
  }

  /** Wherever it was cut off, also behind the step at which it ends. */
  @Test
  void oneThatGoesOnEndsWhereItWouldHave() throws IOException {
    Selection impatient = new Selection(2, SCORES, 1);
    Outcome whole = learn(STEPS, impatient, Checkpointer.NONE);
    for (int cut = 2; cut <= 6; cut++) {
      try (KeptState memory = new KeptState(cut)) {
        learn(STEPS, impatient, memory);
        memory.restores = true;
        Outcome on = learn(STEPS, impatient, memory);
        assertThat(on.taken.records()).hasSize(6);
        assertThat(on.taken.choice()).isEqualTo(whole.taken.choice());
        assertThat(on.parameters).isEqualTo(whole.parameters);
      }
    }
  }

  private static double[] last(int steps) throws IOException {
    return learn(steps, null, Checkpointer.NONE).parameters;
  }

  private record Outcome(
      TakenSteps taken, double[] parameters, List<Double> attention, List<Long> asked) {}

  /** Asked for its score after every so many steps. */
  private record Selection(int every, double[] scores, int patience) {
    Selection(int every, double[] scores) {
      this(every, scores, 0);
    }
  }

  private static Outcome learn(int steps, Selection selection, Checkpointer checkpoints)
      throws IOException {
    List<Long> asked = new ArrayList<>();
    DevSelection dev =
        selection == null
            ? null
            : new DevSelection(
                selection.every,
                selection.patience,
                (learner, step) -> {
                  asked.add(step);
                  return selection.scores[(int) step - 1];
                });
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-lora", "t5-v10-tiny", ComputeType.FLOAT32)) {
      stream.learn(1, 2);
      try (Learner learner = stream.begin("later")) {
        TakenSteps taken =
            new TaskTraining(
                    stream.backbone, learner, new AloneExchange(), new ChangingBatches(stream))
                .run(TinyStream.TRAINING, steps, dev, checkpoints, step -> {});
        return new Outcome(
            taken,
            Tensors.toDoubles(learner.parameters().values()),
            learner.learnt().meanAttention(),
            asked);
      }
    }
  }
}
