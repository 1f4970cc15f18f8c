package org.dapt.init;

import java.util.Arrays;

/** Lengths in tokens, to find one that suffices for nearly all. */
final class Lengths {
  private int[] values = new int[1024];
  private int size;

  void add(int length) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = length;
  }

  int count() {
    return size;
  }

  /** The 99th percentile, rounded up to a multiple of {@code step}. */
  int nearlyAll(int step) {
    int[] sorted = Arrays.copyOf(values, size);
    Arrays.sort(sorted);
    int percentile = sorted[Math.max(0, (int) Math.ceil(0.99 * size) - 1)];
    return (percentile + step - 1) / step * step;
  }

  /** How many are longer than {@code limit}. */
  long beyond(int limit) {
    return Arrays.stream(values, 0, size).filter(value -> value > limit).count();
  }
}
