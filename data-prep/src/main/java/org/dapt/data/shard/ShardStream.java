package org.dapt.data.shard;

import java.util.Collections;
import java.util.Iterator;
import org.dapt.random.KeyedRandom;

/**
 * A shard as training takes it: an endless sequence of epochs, each a permutation of the shard's
 * rows. The order within epoch {@code e} follows from {@code (seed, task, shard, e)} and the
 * shard's file alone, so it is the same on every cluster and after a restart. Not safe for use by
 * several threads.
 */
public final class ShardStream implements AutoCloseable {
  private final ShardRows rows;
  private final long seed;
  private final String task;
  private final int shard;
  private long position;
  private Iterator<TokenisedExample> epoch = Collections.emptyIterator();

  ShardStream(ShardRows rows, long seed, String task, int shard) {
    this.rows = rows;
    this.seed = seed;
    this.task = task;
    this.shard = shard;
    seek(0);
  }

  /** Rows of one epoch. */
  public long size() {
    return rows.size();
  }

  /** How many examples were taken since the start of the stream. */
  public long position() {
    return position;
  }

  /** The next example; there always is one. */
  public TokenisedExample next() {
    if (!epoch.hasNext()) {
      startEpoch(position / rows.size(), 0);
    }
    position++;
    return epoch.next();
  }

  /**
   * Goes on as if {@code newPosition} examples had been taken since the start of the stream. A
   * shard that is streamed from its file reads the part of the epoch before that position again.
   *
   * @throws IllegalArgumentException if the position is negative
   */
  public void seek(long newPosition) {
    if (newPosition < 0) {
      throw new IllegalArgumentException("A stream has no position " + newPosition);
    }
    position = newPosition;
    startEpoch(newPosition / rows.size(), newPosition % rows.size());
  }

  private void startEpoch(long number, long skip) {
    epoch = rows.shuffled(KeyedRandom.of(seed, "order", task, shard, number), skip);
  }

  @Override
  public void close() {
    rows.close();
  }
}
