package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.random.Draw;

/**
 * Which instances of which file make up a split.
 *
 * @param split the split
 * @param fileSplit the split that the file is named for
 * @param file the file
 * @param holdOut null where the split is the whole file; else dev is what it draws and train is the
 *     rest
 * @param instances instances of the file
 * @param cut which of the rows that then are the split's are taken; null for all
 */
record SplitSource(
    Split split, Split fileSplit, TaskFile file, HoldOut holdOut, long instances, SplitCut cut)
    implements Serializable {
  /** The same, cut to at most {@code most} rows; 0 is no bound. */
  SplitSource cutTo(int most, long splitSeed, String task) {
    return new SplitSource(
        split,
        fileSplit,
        file,
        holdOut,
        instances,
        SplitCut.of(whole(), most, splitSeed, split, task));
  }

  /** How many rows the split has. */
  long rows() {
    return cut == null ? whole() : cut.kept();
  }

  /** How many rows it had if it was not cut. */
  long whole() {
    if (holdOut == null) {
      return instances;
    }
    return split == Split.DEV ? holdOut.held() : instances - holdOut.held();
  }

  /**
   * How many rows {@code shard} of {@code shards} has: the rows with an index equal to it modulo
   * {@code shards}.
   */
  long rows(int shard, int shards) {
    return rows() / shards + (shard < rows() % shards ? 1 : 0);
  }

  /** Gives the instances of the file their place in the split, in the order of the file. */
  Indexer indexer() {
    return new Indexer();
  }

  /** Counts rows of the split while a file is passed over. */
  final class Indexer {
    private final Draw draw = holdOut == null ? null : holdOut.draw();
    private final Draw kept = cut == null ? null : cut.draw();
    private long next;

    private Indexer() {}

    /** The index of the next instance in the split, or −1 if it is not part of it. */
    long next() {
      boolean isDev = draw != null && draw.next();
      boolean belongs = draw == null || isDev == (split == Split.DEV);
      return belongs && (kept == null || kept.next()) ? next++ : -1;
    }
  }
}
