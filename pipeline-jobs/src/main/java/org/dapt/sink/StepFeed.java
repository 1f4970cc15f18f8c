package org.dapt.sink;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.util.CollectionAccumulator;
import org.dapt.checkpoint.StepRecord;
import org.dapt.train.StepReport;

/**
 * Where rank 0 puts its steps for the driver to see while the task is learnt: Spark's accumulator,
 * whose content executors send along with their heartbeats. It holds nothing but what every JVM
 * knows, for Spark's own threads read it.
 *
 * @param window null where nobody looks
 */
public record StepFeed(CollectionAccumulator<double[]> window) implements Serializable {
  /** Nobody looks. */
  public static final StepFeed NONE = new StepFeed(null);

  /**
   * The newest steps that a heartbeat carries at least; it carries fewer than twice as many. More
   * of them between two heartbeats are seen when the task is learnt.
   */
  static final int KEPT = 1024;

  /** Puts a step of this rank. */
  public void add(StepRecord step) {
    if (window == null) {
      return;
    }
    if (window.value().size() >= 2 * KEPT) {
      List<double[]> all = List.copyOf(window.value());
      window.reset();
      all.subList(all.size() - KEPT + 1, all.size()).forEach(window::add);
    }
    StepReport report = step.report();
    window.add(
        new double[] {
          report.step(),
          report.crossEntropy(),
          report.penalty(),
          report.loss(),
          report.targetTokens(),
          report.sourceTokens(),
          step.seconds(),
          step.exchangeSeconds()
        });
  }

  /** What {@link #add} put. */
  static StepRecord record(double[] row) {
    return new StepRecord(
        new StepReport((long) row[0], row[1], row[2], row[3], (long) row[4], (long) row[5]),
        row[6],
        row[7]);
  }
}
