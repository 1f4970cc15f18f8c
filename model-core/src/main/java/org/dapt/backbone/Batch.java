package org.dapt.backbone;

import java.util.List;

/**
 * Examples to learn from.
 *
 * @param source the inputs
 * @param targets the target ids of each example, end token included, without padding, none empty
 */
public record Batch(Source source, List<int[]> targets) {
  /** Number of target tokens of all examples. */
  public long targetTokens() {
    long count = 0;
    for (int[] target : targets) {
      count += target.length;
    }
    return count;
  }

  /**
   * The target ids of all examples, one after the other: the order of {@link
   * Backbone#targetLogits}.
   */
  public long[] flatTargets() {
    long[] flat = new long[Math.toIntExact(targetTokens())];
    int at = 0;
    for (int[] target : targets) {
      for (int id : target) {
        flat[at++] = id;
      }
    }
    return flat;
  }
}
