package org.dapt.loop;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.dapt.method.Example;

/**
 * One rank's parts of batches of new and kept examples. New example i over all batches is of shard
 * i mod shards, and kept example i is learnt by the rank of that shard: so a batch is the same
 * whatever the number of ranks, and no shard comes off badly.
 */
final class MixedBatches {
  private final int shards;
  private final int batch;
  private final Kept kept;
  private long round = -1;
  private int[] order = {};

  /**
   * @param batch places of a batch over all ranks
   */
  MixedBatches(int shards, int batch, Kept kept) {
    this.shards = shards;
    this.batch = batch;
    this.kept = kept;
  }

  /** How many examples of {@code shard} the first {@code steps} batches have. */
  long taken(int shard, long steps) {
    long all = steps * batch - kept.mix().keptAmong(steps * batch);
    return all / shards + (shard < all % shards ? 1 : 0);
  }

  /**
   * A rank's part of batch {@code step}, from 0.
   *
   * @param own the next example of each of its shards
   */
  List<Example> next(long step, SortedMap<Integer, ? extends Supplier<Example>> own) {
    List<Example> examples = new ArrayList<>();
    own.forEach(
        (shard, next) -> {
          long count = taken(shard, step + 1) - taken(shard, step);
          for (long i = 0; i < count; i++) {
            examples.add(next.get());
          }
        });
    long end = kept.mix().keptAmong((step + 1) * batch);
    for (long i = kept.mix().keptAmong(step * batch); i < end; i++) {
      if (own.containsKey((int) (i % shards))) {
        examples.add(keptExample(i));
      }
    }
    return examples;
  }

  /** The kept example that is taken as number {@code taken}, from 0. */
  private Example keptExample(long taken) {
    int size = kept.examples().size();
    if (taken / size != round) {
      round = taken / size;
      order = kept.order(round);
    }
    return kept.examples().get(order[(int) (taken % size)]);
  }
}
