package org.dapt.data.shard;

import java.io.Serializable;

/**
 * Counts sequences by their length in tokens; counts of parts add up to the counts of the whole,
 * exactly.
 */
public final class LengthCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] counts;

  /** Nothing counted yet; lengths go from 0 to {@code longest}. */
  public LengthCounts(int longest) {
    counts = new long[longest + 1];
  }

  /** Counts one sequence of {@code length} tokens. */
  public void add(int length) {
    counts[length]++;
  }

  /** Adds what {@code other}, of the same longest length, has counted. */
  public void addAll(LengthCounts other) {
    for (int length = 0; length < counts.length; length++) {
      counts[length] += other.counts[length];
    }
  }

  /** The summary, all zero if nothing was counted. Percentiles are by nearest rank. */
  public LengthStatistics summary() {
    long total = 0L;
    long tokens = 0L;
    for (int length = 0; length < counts.length; length++) {
      total += counts[length];
      tokens += length * counts[length];
    }
    return total == 0
        ? new LengthStatistics(0, 0, 0, 0, 0)
        : new LengthStatistics(
            atRank(1),
            (double) tokens / total,
            atRank(rank(total, 50)),
            atRank(rank(total, 90)),
            atRank(total));
  }

  private static long rank(long total, int percent) {
    return (total * percent + 99) / 100;
  }

  private int atRank(long rank) {
    long seen = 0L;
    for (int length = 0; length < counts.length; length++) {
      seen += counts[length];
      if (seen >= rank) {
        return length;
      }
    }
    throw new IllegalArgumentException("Rank " + rank + " of " + seen);
  }
}
