package org.dapt.bench;

import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/**
 * How long each of a number of equal runs took: on the clock, and in processor time of this process
 * over all of its threads, which other processes of a busy machine disturb less.
 */
final class Timings implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double NANOS = 1e6;
  private static final double NINTH_DECILE = 0.9;

  private final ArrayList<Double> wall = new ArrayList<>();
  private final ArrayList<Double> processor = new ArrayList<>();

  /** Something to be measured. */
  @FunctionalInterface
  interface Body {
    /** Runs once. */
    void run() throws Exception;
  }

  /** Runs {@code body} and notes its time. */
  void measure(Body body) throws Exception {
    long cpu = processorNanos();
    long start = System.nanoTime();
    body.run();
    wall.add((System.nanoTime() - start) / NANOS);
    processor.add((processorNanos() - cpu) / NANOS);
  }

  /** The median on the clock, in milliseconds. */
  double medianMs() {
    return quantile(wall, 0.5);
  }

  /** The time below which nine of ten runs stayed, in milliseconds. */
  double p90Ms() {
    return quantile(wall, NINTH_DECILE);
  }

  /** The median of processor time, in milliseconds. */
  double medianCpuMs() {
    return quantile(processor, 0.5);
  }

  /** All runs together on the clock, in milliseconds. */
  double totalMs() {
    return wall.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** All runs together in processor time, in milliseconds. */
  double totalCpuMs() {
    return processor.stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Between the two nearest values in proportion. */
  private static double quantile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    double at = share * (sorted.size() - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.size() - 1);
    return sorted.get(below) + (at - below) * (sorted.get(above) - sorted.get(below));
  }

  private static long processorNanos() {
    return ManagementFactory.getOperatingSystemMXBean()
            instanceof com.sun.management.OperatingSystemMXBean bean
        ? bean.getProcessCpuTime()
        : 0;
  }
}
