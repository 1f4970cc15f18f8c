package org.dapt.backbone;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToIntFunction;

/** Cuts examples into batches of like length, so that little of a batch is padding. */
public final class MicroBatches {
  /**
   * What a batch costs beside its tokens, in tokens: every batch passes over all weights, whatever
   * its size. Measured with T5-Small on a processor.
   */
  private static final int BATCH_COST = 48;

  private MicroBatches() {}

  /**
   * The batches that cost least, padding and batches counted, among those that keep the examples in
   * the order of their lengths, the longest first. Equal lengths keep their order.
   *
   * @param length number of tokens of an example
   * @param tokens most tokens of a batch, padding included; an example that is longer by itself is
   *     a batch of its own
   */
  public static <E> List<List<E>> byLength(List<E> examples, ToIntFunction<E> length, int tokens) {
    List<E> sorted = new ArrayList<>(examples);
    sorted.sort(Comparator.comparingInt(length).reversed());
    int[] lengths = sorted.stream().mapToInt(length).toArray();
    int[] next = cuts(lengths, tokens);
    List<List<E>> batches = new ArrayList<>();
    for (int from = 0; from < lengths.length; from = next[from]) {
      batches.add(new ArrayList<>(sorted.subList(from, next[from])));
    }
    return batches;
  }

  /** For every example at which a batch may begin, where the next one begins, by least cost. */
  private static int[] cuts(int[] lengths, int tokens) {
    int count = lengths.length;
    long[] cost = new long[count + 1];
    int[] next = new int[count];
    for (int from = count - 1; from >= 0; from--) {
      cost[from] = Long.MAX_VALUE;
      for (int to = from + 1; to <= count; to++) {
        long padded = (long) (to - from) * lengths[from];
        if (to > from + 1 && padded > tokens) {
          break;
        }
        long whole = padded + BATCH_COST + cost[to];
        // Of equal costs the one with fewer batches.
        if (whole <= cost[from]) {
          cost[from] = whole;
          next[from] = to;
        }
      }
    }
    return next;
  }
}
