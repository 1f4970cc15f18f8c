package org.dapt.train;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.dapt.method.Example;

/**
 * Takes the steps of a trainer and records them. Where the numbers of a step make this process wait
 * for a device, those of several steps are asked for together, at the latest after {@value #MOST}
 * steps or the first step that ends a second after the last time; such steps share their time.
 */
final class StepLog {
  static final int MOST = 16;
  private static final double MOST_SECONDS = 1;

  private final double mostSeconds;

  private final Trainer trainer;
  private final List<StepRecord> records;
  private final Consumer<StepRecord> seen;

  /** Of the steps that are not recorded yet, what each spent in the sum over ranks. */
  private final List<Double> exchangeSeconds = new ArrayList<>();

  private double seconds;

  /**
   * @param records to which steps are added
   * @param seen sees what is added; null where nothing is to be recorded
   */
  StepLog(Trainer trainer, List<StepRecord> records, Consumer<StepRecord> seen) {
    this(trainer, records, seen, MOST_SECONDS);
  }

  /** As the other, writing after another time. */
  StepLog(
      Trainer trainer, List<StepRecord> records, Consumer<StepRecord> seen, double mostSeconds) {
    this.mostSeconds = mostSeconds;
    this.trainer = trainer;
    this.records = records;
    this.seen = seen;
  }

  /** Takes a step. */
  void take(List<Example> own) {
    long start = System.nanoTime();
    trainer.take(own);
    seconds += (System.nanoTime() - start) / 1e9;
    exchangeSeconds.add(trainer.exchangeSeconds());
  }

  /** Whether it is time to write. */
  boolean isDue() {
    return trainer.reportsAtOnce() || exchangeSeconds.size() >= MOST || seconds >= mostSeconds;
  }

  /**
   * Records the steps that were taken since the last time.
   *
   * @throws org.dapt.error.TrainingException where one of their losses is not finite
   */
  void write() {
    if (exchangeSeconds.isEmpty()) {
      return;
    }
    long start = System.nanoTime();
    List<StepReport> reports = trainer.reports();
    seconds += (System.nanoTime() - start) / 1e9;
    if (seen != null) {
      double each = seconds / reports.size();
      for (int i = 0; i < reports.size(); i++) {
        StepRecord record = new StepRecord(reports.get(i), each, exchangeSeconds.get(i));
        records.add(record);
        seen.accept(record);
      }
    }
    exchangeSeconds.clear();
    seconds = 0;
  }
}
