package org.dapt.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/** Cuts examples into batches of like length, so that little of a batch is padding. */
public final class MicroBatches {
  private MicroBatches() {}

  /**
   * Batches of at most {@code tokens} tokens, padding included, the longest examples first. An
   * example that is longer than that by itself is a batch of its own. Equal lengths keep their
   * order.
   *
   * @param length number of tokens of an example
   */
  public static <E> List<List<E>> byLength(List<E> examples, ToIntFunction<E> length, int tokens) {
    List<E> sorted = new ArrayList<>(examples);
    sorted.sort(Comparator.comparingInt(length).reversed());
    List<List<E>> batches = new ArrayList<>();
    List<E> batch = new ArrayList<>();
    int longest = 0;
    for (E example : sorted) {
      if (!batch.isEmpty() && (batch.size() + 1) * longest > tokens) {
        batches.add(batch);
        batch = new ArrayList<>();
      }
      if (batch.isEmpty()) {
        longest = length.applyAsInt(example);
      }
      batch.add(example);
    }
    if (!batch.isEmpty()) {
      batches.add(batch);
    }
    return batches;
  }
}
