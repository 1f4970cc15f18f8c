package org.dapt.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.dapt.error.TrainingException;
import org.dapt.exchange.GradientExchange;
import org.dapt.exchange.ThreadGang;
import org.dapt.method.Learner;
import org.dapt.method.TinyStream;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Tensors;
import org.junit.jupiter.api.Test;

/** Ranks that come to hold different parameters are noticed. */
class RankComparisonTest {
  private static final int STEPS = 7;
  private static final int NEVER = 0;

  @Test
  void equalRanksLearnTheSameWhetherTheyAreComparedOrNot() throws Exception {
    double[] compared = parameters(start(3, 2, NEVER).get(0).get());
    assertThat(compared).isEqualTo(parameters(start(3, 0, NEVER).get(0).get()));
  }

  /** Step 5 is the first to compare in behind step 3, after which one rank is another. */
  @Test
  void aRankThatPartsIsNoticedInTheNextStepThatCompares() {
    assertThat(messages(start(2, 4, 3)))
        .hasSize(2)
        .allSatisfy(
            message ->
                assertThat(message)
                    .contains(
                        "2 ranks do not hold the same parameters before step 5",
                        "train.verify-ranks-every",
                        "train.exchange"));
  }

  @Test
  void aRankThatPartsInTheLastStepsIsNoticedBehindThem() {
    assertThat(messages(start(2, 100, STEPS)))
        .allSatisfy(message -> assertThat(message).contains("before step " + (STEPS + 1)));
  }

  @Test
  void ranksThatBeginDifferentlyAreNoticedInTheFirstStep() {
    assertThat(messages(start(3, 100, -1)))
        .isNotEmpty()
        .allSatisfy(message -> assertThat(message).contains("before step 1;"));
  }

  @Test
  void withoutComparisonNobodyNotices() throws Exception {
    List<Future<Outcome>> ranks = start(2, 0, 3);
    assertThat(parameters(ranks.get(0).get())).isNotEqualTo(parameters(ranks.get(1).get()));
  }

  private record Outcome(double[] parameters) {}

  private static double[] parameters(Outcome outcome) {
    return outcome.parameters();
  }

  /** What the ranks failed with that noticed. */
  private static List<String> messages(List<Future<Outcome>> ranks) {
    List<String> messages = new ArrayList<>();
    for (Future<Outcome> rank : ranks) {
      try {
        rank.get();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof TrainingException) {
          messages.add(e.getCause().getMessage());
        }
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
    return messages;
  }

  /**
   * @param disturbed behind this step rank 1's parameters change by themselves: its first value by
   *     a last bit; -1 is before the first
   */
  private static List<Future<Outcome>> start(int ranks, long every, int disturbed) {
    TrainerOptions options = new TrainerOptions(1e-3, 60, 0, every, null, false);
    return new ThreadGang("local", ranks, Duration.ofSeconds(20))
        .start(
            exchange -> {
              try (PointerScope scope = new PointerScope();
                  TinyStream stream =
                      new TinyStream("seq-lora", "llama-tiny", ComputeType.FLOAT32);
                  Learner learner = stream.begin("task");
                  Trainer trainer = new Trainer(stream.backbone, learner, exchange, options)) {
                if (disturbed < 0) {
                  disturb(learner, exchange);
                }
                for (int step = 1; step <= STEPS; step++) {
                  trainer.step(stream.examples(10 * step + exchange.rank(), 2));
                  if (step == disturbed) {
                    disturb(learner, exchange);
                  }
                }
                trainer.compareRanks();
                return new Outcome(Tensors.toDoubles(learner.parameters().values()));
              }
            });
  }

  private static void disturb(Learner learner, GradientExchange exchange) {
    if (exchange.rank() == 1) {
      try (NoGradGuard guard = new NoGradGuard()) {
        learner.parameters().values().narrow(0, 0, 1).mul_(new Scalar(1 + 1e-6));
      }
    }
  }
}
