package org.dapt.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.ShardStream;
import org.dapt.data.shard.StreamBounds;
import org.dapt.method.Example;
import org.dapt.random.KeyedRandom;

/**
 * The shards of one number of one or several tasks as training takes them: an endless sequence of
 * rounds, each of which has every row of all of them once. The order of a task's rows is that of
 * its own stream; which task comes next is a seeded shuffle of each round, so that a batch has
 * examples of many tasks. Not safe for use by several threads.
 */
final class JoinedShard implements Supplier<Example>, AutoCloseable {
  /** A task's stream and what one round takes of it. */
  private record Source(ShardData.Part part, ShardStream stream, long rows) {
    Example next() {
      return part.example().apply(stream.next());
    }
  }

  private final long seed;
  private final int shard;
  private final List<Source> sources = new ArrayList<>();
  private long round = -1;
  private long place;

  /** Which source each place of the round is taken from; empty for a single one. */
  private int[] order = {};

  private JoinedShard(long seed, int shard) {
    this.seed = seed;
    this.shard = shard;
  }

  /**
   * Opens the streams.
   *
   * @param parts not empty
   * @throws org.dapt.error.InputException if a shard is damaged
   */
  static JoinedShard open(List<ShardData.Part> parts, int shard, long seed) throws IOException {
    JoinedShard joined = new JoinedShard(seed, shard);
    try {
      for (ShardData.Part part : parts) {
        long rows = part.data().manifest().split(Split.TRAIN).shards().get(shard).rows();
        // A single task whose shard is empty takes another of its shards in its place.
        if (rows > 0 || parts.size() == 1) {
          joined.sources.add(
              new Source(
                  part,
                  part.data().stream(
                      Split.TRAIN, shard, seed, part.columns(), StreamBounds.DEFAULT),
                  rows));
        }
      }
      if (joined.sources.isEmpty()) {
        return open(parts.subList(0, 1), shard, seed);
      }
      joined.seek(0);
      return joined;
    } catch (RuntimeException e) {
      joined.close();
      throw e;
    }
  }

  /** The next example; there always is one. */
  @Override
  public Example get() {
    if (sources.size() == 1) {
      return sources.get(0).next();
    }
    if (place == order.length) {
      start(round + 1);
    }
    return sources.get(order[(int) place++]).next();
  }

  /** Goes on as if {@code taken} examples had been taken. */
  void seek(long taken) {
    if (sources.size() == 1) {
      sources.get(0).stream().seek(taken);
      return;
    }
    long size = sources.stream().mapToLong(Source::rows).sum();
    start(taken / size);
    place = taken % size;
    long[] before = new long[sources.size()];
    for (int i = 0; i < place; i++) {
      before[order[i]]++;
    }
    for (int i = 0; i < before.length; i++) {
      Source source = sources.get(i);
      source.stream().seek(round * source.rows() + before[i]);
    }
  }

  private void start(long newRound) {
    round = newRound;
    place = 0;
    order = new int[Math.toIntExact(sources.stream().mapToLong(Source::rows).sum())];
    RandomGenerator random = KeyedRandom.of(seed, "joined-order", shard, round);
    int filled = 0;
    for (int i = 0; i < sources.size(); i++) {
      for (long row = 0; row < sources.get(i).rows(); row++) {
        int other = random.nextInt(filled + 1);
        order[filled] = order[other];
        order[other] = i;
        filled++;
      }
    }
  }

  @Override
  public void close() {
    sources.forEach(source -> source.stream().close());
  }
}
