package org.dapt.pet;

import java.util.Locale;
import java.util.random.RandomGenerator;

/** What a matrix A begins with; B begins with zeros, so that a new block changes nothing. */
public enum LoraStart {
  /** Kaiming-uniform with a = √5, that is uniform in ±1/√in: PEFT's default. */
  KAIMING,
  /** Normally distributed with the standard deviation 1/r: PEFT's {@code gaussian}. */
  GAUSSIAN;

  /** As a configuration has it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The start that {@link #text} gives {@code text}. */
  public static LoraStart of(String text) {
    return valueOf(text.toUpperCase(Locale.ROOT));
  }

  /** Values of a matrix {@code [r, in]}. */
  double[] draw(int r, long in, RandomGenerator random) {
    double[] values = new double[Math.toIntExact(r * in)];
    double width = this == KAIMING ? 1 / Math.sqrt((double) in) : 1.0 / r;
    for (int i = 0; i < values.length; i++) {
      values[i] = width * (this == KAIMING ? 2 * random.nextDouble() - 1 : random.nextGaussian());
    }
    return values;
  }
}
