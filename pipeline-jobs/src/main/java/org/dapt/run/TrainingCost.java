package org.dapt.run;

import java.util.Locale;
import org.dapt.terminal.SpentTime;

/**
 * What learning a task took, for people.
 *
 * @param task its name
 * @param training what its marker tells
 */
public record TrainingCost(String task, TrainingSummary training) {
  private static final double MIB = 1 << 20;

  /**
   * Reads the summary in a task's marker.
   *
   * @throws org.dapt.error.InputException if there is no marker, or it lacks a part
   */
  public static TrainingCost of(String task, Marker marker) {
    return new TrainingCost(task, TrainingSummary.of(marker));
  }

  /** The memory in MiB. */
  public double residentMib() {
    return training.residentBytes() / MIB;
  }

  /** The time for people. */
  public String time() {
    return SpentTime.text(training.seconds());
  }

  /** One line for people. */
  public String text() {
    String cost =
        String.format(
            Locale.ROOT,
            "%d steps on %d %s in %s, %.0f tokens/s, %.0f MiB resident",
            training.steps(),
            training.ranks(),
            training.ranks() == 1 ? "rank" : "ranks",
            time(),
            training.tokensPerSecond(),
            residentMib());
    if (training.deviceBytes() > 0) {
      cost +=
          String.format(Locale.ROOT, ", at most %.0f MiB on the GPU", training.deviceBytes() / MIB);
    }
    return training.choice() == null
        ? cost
        : cost
            + String.format(
                Locale.ROOT,
                ", best on dev after step %d: %.2f",
                training.choice().step(),
                training.choice().score());
  }
}
