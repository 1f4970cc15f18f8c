package org.dapt.run;

import java.util.Locale;
import org.dapt.terminal.SpentTime;

/**
 * What learning a task took.
 *
 * @param sha256 digest of what was learnt
 * @param steps optimizer steps
 * @param seconds from the start of the gang to its end
 * @param tokensPerSecond source and target tokens of all ranks per second of the steps
 * @param ranks data-parallel ranks
 * @param exchange how the ranks summed their gradients
 * @param residentBytes physical memory of rank 0's process at the end
 */
public record TrainingCost(
    String task,
    String sha256,
    long steps,
    double seconds,
    double tokensPerSecond,
    int ranks,
    String exchange,
    long residentBytes) {
  private static final double MIB = 1 << 20;

  /**
   * Reads the summary in a task's marker.
   *
   * @throws org.dapt.error.InputException if there is no marker, or it lacks one of these
   */
  public static TrainingCost of(String task, Marker marker) {
    return new TrainingCost(
        task,
        marker.text("sha256"),
        marker.number("steps").longValue(),
        marker.number("seconds").doubleValue(),
        marker.number("tokens_per_second").doubleValue(),
        marker.number("ranks").intValue(),
        marker.text("exchange"),
        marker.number("resident_bytes").longValue());
  }

  /** The memory in MiB. */
  public double residentMib() {
    return residentBytes / MIB;
  }

  /** The time for people. */
  public String time() {
    return SpentTime.text(seconds);
  }

  /** One line for people. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%d steps on %d %s in %s, %.0f tokens/s, %.0f MiB resident",
        steps,
        ranks,
        ranks == 1 ? "rank" : "ranks",
        time(),
        tokensPerSecond,
        residentMib());
  }
}
