package org.dapt.method.dapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.dapt.exchange.AloneExchange;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.Replay;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;
import org.dapt.train.Trainer;
import org.dapt.train.TrainerOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReplayDrawTest {
  private static final int ALL = 2 * TinyStream.REPLAYED;
  private static final int MANY_STEPS = 100;

  /** Two earlier tasks of equally many samples. */
  private static final int[] COUNTS = {TinyStream.REPLAYED, TinyStream.REPLAYED};

  @Test
  void eachStepDrawsSoManyDifferentRowsAndInTimeAllOfThem() {
    ReplayDraw draw = draw(1, "task", 5);
    TreeSet<Integer> seen = new TreeSet<>();
    for (long step = 1; step <= MANY_STEPS; step++) {
      int[] rows = draw.rows(new int[] {20}, step);
      assertThat(rows).hasSize(5).doesNotHaveDuplicates().isSorted();
      Arrays.stream(rows).forEach(seen::add);
    }
    assertThat(seen).hasSize(20).startsWith(0).endsWith(19);
  }

  @Test
  void everyTaskHasASampleInEveryDraw() {
    int[] counts = {1, 8, 2};
    int[] taskOf = {0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2};
    for (long step = 1; step <= MANY_STEPS; step++) {
      int[] rows = draw(1, "task", 4).rows(counts, step);
      assertThat(rows).hasSize(4).doesNotHaveDuplicates().isSorted();
      assertThat(Arrays.stream(rows).map(row -> taskOf[row])).contains(0, 1, 2);
      // One of each goes before the limit.
      assertThat(Arrays.stream(draw(1, "task", 1).rows(counts, step)).map(row -> taskOf[row]))
          .containsExactly(0, 1, 2);
    }
  }

  @Test
  void theDrawFollowsFromSeedTaskAndStep() {
    int[] all = {100};
    int[] rows = draw(1, "task", 50).rows(all, 7);
    assertThat(draw(1, "task", 50).rows(all, 7)).isEqualTo(rows);
    assertThat(draw(1, "task", 50).rows(all, 8)).isNotEqualTo(rows);
    assertThat(draw(1, "other", 50).rows(all, 7)).isNotEqualTo(rows);
    assertThat(draw(2, "task", 50).rows(all, 7)).isNotEqualTo(rows);
  }

  /** A task of few samples weighs as much as one of many, or each sample as much as another. */
  @Test
  void sharesAreThoseOfTasksOrOfSamples() {
    try (PointerScope scope = new PointerScope()) {
      int[] counts = {4, 1};
      Placement placement = Placement.cpu(ComputeType.FLOAT64);
      assertThat(Tensors.toDoubles(draw(1, "task", 9).shares(counts, placement)))
          .containsExactly(0.25, 0.25, 0.25, 0.25, 1);
      assertThat(Tensors.toDoubles(new ReplayDraw(1, "task", 9, false).shares(counts, placement)))
          .containsExactly(0.2, 0.2, 0.2, 0.2, 0.2);
    }
  }

  private static ReplayDraw draw(long seed, String task, int most) {
    return new ReplayDraw(seed, task, most, true);
  }

  /**
   * An input keeps its own target: one drawn alone costs what it costs where it is the only one.
   */
  @ParameterizedTest
  @ValueSource(strings = {"dapt-lora", "dapt-prompt"})
  void aStepReflectsOnTheInputsThatItDrew(String method) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream(method, 1)) {
      double[] alone = eachAlone(stream);
      TreeSet<Integer> drawn = new TreeSet<>();
      try (NoGradGuard guard = new NoGradGuard();
          Learner learner = stream.begin("later")) {
        for (long step = 1; step <= MANY_STEPS; step++) {
          int[] rows = draw(1, "later", 1).rows(COUNTS, step);
          assertThat(rows).hasSize(2);
          assertThat(reflection(learner, step))
              .isCloseTo(alone[rows[0]] + alone[rows[1]], within(1e-12));
          Arrays.stream(rows).forEach(drawn::add);
        }
      }
      assertThat(drawn).hasSize(ALL);
      // Else the comparison would not tell which input was drawn.
      assertThat(alone).doesNotHaveDuplicates();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {ALL, ALL + 1})
  void atMostSoManyInputsAreAllInEveryStep(int most) {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("dapt-lora", most)) {
      double[] alone = eachAlone(stream);
      double sum =
          Arrays.stream(alone, 0, TinyStream.REPLAYED).average().orElseThrow()
              + Arrays.stream(alone, TinyStream.REPLAYED, ALL).average().orElseThrow();
      try (NoGradGuard guard = new NoGradGuard();
          Learner learner = stream.begin("later")) {
        for (long step = 1; step <= 3; step++) {
          assertThat(reflection(learner, step)).isCloseTo(sum, within(1e-12));
        }
      }
    }
  }

  /**
   * Steps draw anew, and what a step draws depends neither on its micro-batches nor on its rank.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 1_000_000})
  void theTrainerCountsTheStepsThatDraw(int microBatchTokens) {
    TrainerOptions still = new TrainerOptions(0, microBatchTokens, 0);
    try (PointerScope scope = new PointerScope();
        TinyStream stream = stream("dapt-lora", 2)) {
      List<Example> examples = stream.examples(7, TinyStream.BATCH);
      List<Double> reported = new ArrayList<>();
      List<Double> expected = new ArrayList<>();
      try (Learner learner = stream.begin("later");
          Trainer trainer = new Trainer(stream.backbone, learner, new AloneExchange(), still)) {
        for (long step = 1; step <= 8; step++) {
          expected.add(reflection(learner, step));
          reported.add(trainer.step(examples).terms().get("reflection"));
        }
      }
      assertThat(reported).isEqualTo(expected);
      assertThat(new TreeSet<>(reported)).hasSizeGreaterThan(2);
    }
  }

  private static TinyStream stream(String method, int maxReplaySamples) {
    TinyStream stream =
        new TinyStream(
            method, "t5-v10-tiny", ComputeType.FLOAT64, 1, TinyStream.TRAINING, maxReplaySamples);
    stream.learn(2, 3);
    return stream;
  }

  private static double reflection(Learner learner, long step) {
    return learner.stepTerms().get(0).value().apply(step).item_double();
  }

  /** The reflection on each replayed input where there is no other. */
  private static double[] eachAlone(TinyStream stream) {
    List<Double> alone = new ArrayList<>();
    for (Replay replay : stream.replay) {
      for (int[] source : replay.sources()) {
        Replay only = new Replay(replay.task(), List.of(source), replay.meanAttention());
        try (NoGradGuard guard = new NoGradGuard();
            Learner learner =
                stream.method.begin(stream.context, stream.learnt, "later", List.of(only))) {
          alone.add(reflection(learner, 1));
        }
      }
    }
    return alone.stream().mapToDouble(Double::doubleValue).toArray();
  }
}
