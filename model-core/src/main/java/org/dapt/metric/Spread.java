package org.dapt.metric;

import java.util.Collection;
import java.util.OptionalDouble;

/**
 * Mean and spread of the same figure in several runs.
 *
 * @param count of runs, at least 1
 * @param mean of their values
 * @param deviation the sample standard deviation, {@code sqrt(Σ (x − mean)² / (n − 1))}; empty for
 *     one run
 */
public record Spread(int count, double mean, OptionalDouble deviation) {
  /**
   * That of {@code values}.
   *
   * @throws IllegalArgumentException if there are none
   */
  public static Spread of(Collection<Double> values) {
    if (values.isEmpty()) {
      throw new IllegalArgumentException("a spread of no values");
    }
    int count = values.size();
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / count;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return new Spread(
        count,
        mean,
        count == 1 ? OptionalDouble.empty() : OptionalDouble.of(Math.sqrt(squares / (count - 1))));
  }
}
