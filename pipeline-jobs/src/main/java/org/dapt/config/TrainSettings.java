package org.dapt.config;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.config.key.AsBefore;
import org.dapt.config.key.MayChange;
import org.dapt.config.key.NotHashed;
import org.dapt.config.read.SettingReader;
import org.dapt.exchange.ExchangeProvider;
import org.dapt.train.RateSchedule;
import org.dapt.train.ScheduleShape;

/**
 * How a task is trained.
 *
 * @param epochs passes over the training split, at least 1; each takes at least one step
 * @param maxSteps most optimizer steps of a task, 0 for no bound but the epochs
 * @param learningRate above 0
 * @param schedule how the learning rate goes from step to step
 * @param warmup steps in which it goes up from 0; below 1 a share of a task's steps
 * @param weightDecay AdamW's, at least 0
 * @param globalBatch examples per step over all ranks, a multiple of {@code tasks.shards}
 * @param microBatchTokens most source tokens of a micro-batch, padding included
 * @param ranks data-parallel ranks, at most {@code tasks.shards}; 0 chooses
 * @param exchange name of the {@link ExchangeProvider}, or {@code auto}
 * @param exchangeTimeout how long a rank waits for its peers; above 0
 * @param maxGradientNorm larger gradients are scaled down to this norm; 0 is off
 * @param reference which reference of an example is learnt
 * @param select which parameters are kept
 * @param devEvery steps from one look at dev to the next, 0 for about once an epoch
 * @param patience after so many looks at dev in a row that were no better a task ends; 0 is off
 * @param devExamples most dev examples that are answered in each
 * @param verifyFrozen whether what must not change is digested before and after a task
 * @param verifyRanksEvery so many steps ranks compare their parameters; 0 is off
 * @param recompute whether layers are computed again on the way back: less memory, more time, the
 *     same numbers
 * @param rankTokensPerSecond by which a dry run tells hours; 0 assumes some
 */
public record TrainSettings(
    int epochs,
    int maxSteps,
    double learningRate,
    @AsBefore("constant") ScheduleShape schedule,
    @AsBefore("0") double warmup,
    @AsBefore("0") double weightDecay,
    int globalBatch,
    @MayChange int microBatchTokens,
    @NotHashed int ranks,
    @NotHashed String exchange,
    @NotHashed Duration exchangeTimeout,
    double maxGradientNorm,
    @AsBefore("first") LearntReference reference,
    @AsBefore("last") SelectedParameters select,
    @AsBefore("0") int devEvery,
    @AsBefore("0") int patience,
    @AsBefore("500") int devExamples,
    @NotHashed boolean verifyFrozen,
    @NotHashed int verifyRanksEvery,
    @NotHashed boolean recompute,
    @NotHashed double rankTokensPerSecond) {
  static TrainSettings read(SettingReader in) {
    return new TrainSettings(
        in.wholeNumber("train.epochs", 1),
        in.wholeNumber("train.max-steps", 0),
        in.positive("train.learning-rate"),
        in.choice("train.schedule", ScheduleShape.class),
        in.number(
            "train.warmup",
            v -> v >= 0 && (v < 1 || v == Math.rint(v)),
            "a whole number of steps, or a share of a task's steps of at least 0 and below 1"),
        in.number("train.weight-decay", v -> v >= 0, "a number of at least 0"),
        in.wholeNumber("train.global-batch", 1),
        in.wholeNumber("train.micro-batch-tokens", 1),
        in.wholeNumber("train.ranks", 0),
        in.choice("train.exchange", exchanges()),
        in.duration("train.exchange-timeout"),
        in.number("train.max-gradient-norm", v -> v >= 0, "a number of at least 0"),
        in.choice("train.reference", LearntReference.class),
        in.choice("train.select", SelectedParameters.class),
        in.wholeNumber("train.dev-every", 0),
        in.wholeNumber("train.patience", 0),
        in.wholeNumber("train.dev-examples", 1),
        in.flag("train.verify-frozen"),
        in.wholeNumber("train.verify-ranks-every", 0),
        in.flag("train.recompute"),
        in.number("train.rank-tokens-per-second", v -> v >= 0, "a number of at least 0"));
  }

  /**
   * Optimizer steps of a task with {@code examples} in its training split: as many as take each of
   * them {@link #epochs} times, the last of them whole, and at least one an epoch. So a task
   * smaller than a batch has its examples several times in each.
   */
  public long steps(long examples) {
    long whole = Math.max(epochs, (epochs * examples + globalBatch - 1) / globalBatch);
    return maxSteps == 0 ? whole : Math.min(whole, maxSteps);
  }

  /** How the learning rate of a task of {@code steps} steps goes. */
  public RateSchedule rates(long steps) {
    return RateSchedule.of(schedule, warmup, steps);
  }

  private static List<String> exchanges() {
    var provided = ExchangeProvider.names();
    return Stream.concat(Stream.of("auto"), provided.stream()).toList();
  }
}
