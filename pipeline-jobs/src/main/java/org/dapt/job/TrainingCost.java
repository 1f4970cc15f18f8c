package org.dapt.job;

import java.util.Locale;
import org.dapt.run.Marker;

/**
 * What learning a task took.
 *
 * @param steps optimizer steps
 * @param seconds from the start of the gang to its end
 * @param tokensPerSecond source and target tokens of all ranks per second of the steps
 * @param ranks data-parallel ranks
 * @param residentBytes physical memory of rank 0's process at the end
 */
record TrainingCost(
    String task,
    long steps,
    double seconds,
    double tokensPerSecond,
    int ranks,
    long residentBytes) {
  private static final double MIB = 1 << 20;

  /** Reads the summary in a task's marker. */
  static TrainingCost of(String task, Marker marker) {
    return new TrainingCost(
        task,
        marker.number("steps").longValue(),
        marker.number("seconds").doubleValue(),
        marker.number("tokens_per_second").doubleValue(),
        marker.number("ranks").intValue(),
        marker.number("resident_bytes").longValue());
  }

  /** One line for people. */
  String text() {
    return String.format(
        Locale.ROOT,
        "%d steps on %d %s in %s, %.0f tokens/s, %.0f MiB resident",
        steps,
        ranks,
        ranks == 1 ? "rank" : "ranks",
        Progress.duration(seconds),
        tokensPerSecond,
        residentBytes / MIB);
  }
}
