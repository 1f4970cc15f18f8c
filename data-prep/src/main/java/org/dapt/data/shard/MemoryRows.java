package org.dapt.data.shard;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Rows held in memory, shuffled as a whole (Fisher and Yates). */
record MemoryRows(List<TokenisedExample> rows) implements ShardRows {
  MemoryRows {
    rows = List.copyOf(rows);
  }

  @Override
  public long size() {
    return rows.size();
  }

  @Override
  public Iterator<TokenisedExample> shuffled(RandomGenerator random, long skip) {
    return Arrays.stream(permutation(rows.size(), random))
        .skip(skip)
        .mapToObj(rows::get)
        .iterator();
  }

  static int[] permutation(int size, RandomGenerator random) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }

  @Override
  public void close() {}
}
