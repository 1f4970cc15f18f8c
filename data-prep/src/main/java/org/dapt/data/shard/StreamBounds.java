package org.dapt.data.shard;

/**
 * How much of a shard training holds in memory. Both numbers take part in the order of the
 * examples: two runs are equal only if they have the same.
 *
 * @param rowsInMemory shards of at most so many rows are held in memory and shuffled as a whole
 * @param window larger ones are shuffled within a window of so many rows
 */
public record StreamBounds(long rowsInMemory, int window) {
  /** 65,536 rows in memory, a window of 8,192: at 512 tokens at most 150 MB and 25 MB a shard. */
  public static final StreamBounds DEFAULT = new StreamBounds(65_536, 8_192);

  /** Checks the numbers. */
  public StreamBounds {
    if (rowsInMemory < 0 || window < 1) {
      throw new IllegalArgumentException(
          "Not the bounds of a stream: " + rowsInMemory + ", " + window);
    }
  }
}
