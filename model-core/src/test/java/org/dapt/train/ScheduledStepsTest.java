package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.stream.DoubleStream;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.exchange.AloneExchange;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Learner;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** Learning rates that change from step to step, and weights that decay. */
class ScheduledStepsTest {
  private static final int STEPS = 7;
  private static final double RATE = 1e-2;

  private static final TrainerOptions PLAIN = options(RateSchedule.CONSTANT, 0);
  private static final TrainerOptions SCHEDULED =
      options(RateSchedule.of(ScheduleShape.COSINE, 0.25, STEPS), 0.1);

  private static TrainerOptions options(RateSchedule schedule, double weightDecay) {
    return new TrainerOptions(RATE, schedule, weightDecay, 60, 0, 1, null, null, false);
  }

  @Test
  void oneThatGoesOnComesToTheSameBits() throws Exception {
    double[] whole = learn(SCHEDULED, Checkpointer.NONE);
    for (int cut = 1; cut < STEPS; cut++) {
      try (KeptState kept = new KeptState(cut)) {
        learn(SCHEDULED, kept);
        kept.restores = true;
        assertThat(learn(SCHEDULED, kept)).isEqualTo(whole);
      }
    }
  }

  @Test
  void scheduleAndDecayBothChangeWhatIsLearnt() throws Exception {
    double[] plain = learn(PLAIN, Checkpointer.NONE);
    double[] scheduled = learn(options(SCHEDULED.schedule(), 0), Checkpointer.NONE);
    assertThat(scheduled).isNotEqualTo(plain);
    assertThat(learn(options(RateSchedule.CONSTANT, 0.1), Checkpointer.NONE)).isNotEqualTo(plain);
    assertThat(learn(SCHEDULED, Checkpointer.NONE)).isNotEqualTo(scheduled);
  }

  /** A step without a learning rate, the first of a warm-up, changes nothing. */
  @Test
  void theFirstStepOfAWarmUpTakesPlaceAtTheRateZero() throws Exception {
    TrainerOptions up = options(RateSchedule.of(ScheduleShape.CONSTANT, 3, STEPS), 0.5);
    assertThat(steps(up, 1)).isEqualTo(steps(up, 0));
    assertThat(steps(up, 2)).isNotEqualTo(steps(up, 0));
  }

  /**
   * A step takes rate · decay of a value away beside what it does without a decay, each by its own
   * rate.
   */
  @Test
  void whatDecaysShrinksByTheRateTimesTheDecay() throws Exception {
    double[] rates = rates();
    double[] before = steps(PLAIN, 0);
    double[] plain = steps(PLAIN, 1);
    double[] decayed = steps(options(RateSchedule.CONSTANT, 0.5), 1);
    int shrunk = 0;
    for (int i = 0; i < before.length; i++) {
      double taken = plain[i] - decayed[i];
      if (taken != 0) {
        assertThat(taken).isCloseTo(rates[i] * 0.5 * before[i], within(1e-12));
        shrunk++;
      }
    }
    assertThat(shrunk).isGreaterThan(before.length / 4);
  }

  @Test
  void ranksHoldTheSameAndWhatOneRankHolds() throws Exception {
    double[] alone = learn(SCHEDULED, Checkpointer.NONE);
    List<Future<double[]>> ranks =
        new ThreadGang("local", 2, Duration.ofSeconds(60))
            .start(exchange -> learn(SCHEDULED, STEPS, Checkpointer.NONE, exchange));
    assertThat(ranks.get(0).get()).isEqualTo(ranks.get(1).get());
    assertThat(ranks.get(0).get()).containsExactly(alone, within(1e-9));
  }

  /** Of each trained value, in the order of {@link #steps}. */
  private static double[] rates() throws Exception {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-lora", "t5-v10-tiny", ComputeType.FLOAT64)) {
      stream.learn(1, 2);
      try (Learner learner = stream.begin("later")) {
        return learner.parameters().tensors().entrySet().stream()
            .flatMapToDouble(
                named ->
                    DoubleStream.generate(() -> learner.learningRate(named.getKey(), RATE))
                        .limit(named.getValue().numel()))
            .toArray();
      }
    }
  }

  private static double[] steps(TrainerOptions options, int steps) throws Exception {
    return learn(options, steps, Checkpointer.NONE, new AloneExchange());
  }

  private static double[] learn(TrainerOptions options, Checkpointer checkpoints) throws Exception {
    return learn(options, STEPS, checkpoints, new AloneExchange());
  }

  private static double[] learn(
      TrainerOptions options, int steps, Checkpointer checkpoints, GradientExchange exchange)
      throws Exception {
    try (PointerScope scope = new PointerScope();
        TinyStream stream = new TinyStream("dapt-lora", "t5-v10-tiny", ComputeType.FLOAT64)) {
      stream.learn(1, 2);
      try (Learner learner = stream.begin("later")) {
        new TaskTraining(stream.backbone, learner, exchange, new Parts(stream, exchange))
            .run(options, steps, null, checkpoints, step -> {});
        return Tensors.toDoubles(learner.parameters().values());
      }
    }
  }

  /** Each rank's part of batches that differ from step to step. */
  private record Parts(ChangingBatches whole, GradientExchange exchange) implements TaskData {
    Parts(TinyStream stream, GradientExchange exchange) {
      this(new ChangingBatches(stream), exchange);
    }

    @Override
    public int shards() {
      return whole.shards();
    }

    @Override
    public Batches batches(long taken) throws IOException {
      Batches all = whole.batches(taken);
      return new Batches() {
        @Override
        public List<Example> next() {
          List<Example> own = new ArrayList<>();
          List<Example> batch = all.next();
          for (int i = exchange.rank(); i < batch.size(); i += exchange.ranks()) {
            own.add(batch.get(i));
          }
          return own;
        }

        @Override
        public void close() {
          all.close();
        }
      };
    }

    @Override
    public List<Example> examples(InputPass.Over over, int shard, int most) throws IOException {
      return whole.examples(over, shard, most);
    }
  }
}
