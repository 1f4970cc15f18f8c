package org.dapt.random;

import java.util.random.RandomGenerator;

/**
 * A draw without replacement, decided item by item in constant memory (selection sampling: Knuth,
 * The Art of Computer Programming, volume 2, algorithm 3.4.2 S). Exactly {@code wanted} of {@code
 * all} items are taken, every subset with the same probability.
 */
public final class Draw {
  private final RandomGenerator random;
  private long wanted;
  private long left;

  /**
   * Starts at the first item.
   *
   * @param wanted how many items are taken, at most {@code all}
   * @param all how many items will be asked for
   */
  public Draw(long wanted, long all, RandomGenerator random) {
    if (wanted < 0 || wanted > all) {
      throw new IllegalArgumentException("cannot draw " + wanted + " of " + all);
    }
    this.random = random;
    this.wanted = wanted;
    left = all;
  }

  /** Whether the next item is taken. */
  public boolean next() {
    boolean taken = random.nextDouble() * left < wanted;
    left--;
    wanted -= taken ? 1 : 0;
    return taken;
  }
}
