package org.dapt.train;

import java.io.Serializable;

/**
 * A step as it is recorded.
 *
 * @param seconds time of the step on rank 0
 * @param exchangeSeconds the part of {@code seconds} that rank 0 spent in the sum over ranks,
 *     waiting for the slowest of them included
 */
public record StepRecord(StepReport report, double seconds, double exchangeSeconds)
    implements Serializable {
  /** Numbers of a {@link #row}. */
  public static final int COLUMNS = 8;

  /**
   * The step as plain numbers: step, cross-entropy, penalty, loss, target tokens, source tokens,
   * seconds, seconds in the exchange.
   */
  public double[] row() {
    return new double[] {
      report.step(),
      report.crossEntropy(),
      report.penalty(),
      report.loss(),
      report.targetTokens(),
      report.sourceTokens(),
      seconds,
      exchangeSeconds
    };
  }

  /** What {@link #row} gave, which begins at {@code at} of {@code numbers}. */
  public static StepRecord of(double[] numbers, int at) {
    return new StepRecord(
        new StepReport(
            (long) numbers[at],
            numbers[at + 1],
            numbers[at + 2],
            numbers[at + 3],
            (long) numbers[at + 4],
            (long) numbers[at + 5]),
        numbers[at + 6],
        numbers[at + 7]);
  }
}
