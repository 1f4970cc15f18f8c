package org.dapt.data.shard;

import java.util.Iterator;
import java.util.random.RandomGenerator;

/** The rows of a shard, which can be passed over in shuffled order again and again. */
sealed interface ShardRows extends AutoCloseable permits MemoryRows, FileRows {
  /** How many rows there are, at least one. */
  long size();

  /**
   * Every row once, in an order that follows from the rows and from {@code random}; the first
   * {@code skip} left out.
   */
  Iterator<TokenisedExample> shuffled(RandomGenerator random, long skip);

  @Override
  void close();
}
