package org.dapt.data.prepare;

import java.io.Serializable;
import java.util.List;
import java.util.stream.IntStream;

/** Shards of one split that are written in one pass over its files: the work of one Spark task. */
record ShardJob(SplitSource source, List<Integer> shards) implements Serializable {
  /** Copies the list. */
  ShardJob {
    shards = List.copyOf(shards);
  }

  /**
   * The jobs of all shards of {@code source} in their order, as even as they come.
   *
   * @param most jobs, at least 1
   */
  static List<ShardJob> of(SplitSource source, int shards, int most) {
    int jobs = Math.min(shards, most);
    return IntStream.range(0, jobs)
        .mapToObj(
            job -> IntStream.range(job * shards / jobs, (job + 1) * shards / jobs).boxed().toList())
        .map(part -> new ShardJob(source, part))
        .toList();
  }
}
