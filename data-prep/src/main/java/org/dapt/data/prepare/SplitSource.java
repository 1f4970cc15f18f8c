package org.dapt.data.prepare;

import java.io.Serializable;
import java.util.List;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.table.Reading;
import org.dapt.random.Draw;

/**
 * Which instances of which files make up a split.
 *
 * @param split the split
 * @param fileSplit the split that the files are named for
 * @param files the files, in the order of their instances
 * @param reading how they are read
 * @param holdOuts empty where the split is all of the files; else each draws from what those before
 *     it leave, and train is the rest
 * @param instances instances of the files
 * @param cut which of the rows that then are the split's are taken; null for all
 */
record SplitSource(
    Split split,
    Split fileSplit,
    List<TaskFile> files,
    Reading reading,
    List<HoldOut> holdOuts,
    long instances,
    SplitCut cut)
    implements Serializable {
  /** Copies the lists. */
  SplitSource {
    files = List.copyOf(files);
    holdOuts = List.copyOf(holdOuts);
  }

  /** The same, cut to at most {@code most} rows; 0 is no bound. */
  SplitSource cutTo(int most, long splitSeed, String task) {
    return new SplitSource(
        split,
        fileSplit,
        files,
        reading,
        holdOuts,
        instances,
        SplitCut.of(whole(), most, splitSeed, split, task));
  }

  /** How many rows the split has. */
  long rows() {
    return cut == null ? whole() : cut.kept();
  }

  /** How many rows it had if it was not cut. */
  long whole() {
    if (holdOuts.isEmpty()) {
      return instances;
    }
    long rest = instances;
    for (HoldOut holdOut : holdOuts) {
      if (holdOut.split() == split) {
        return holdOut.held();
      }
      rest -= holdOut.held();
    }
    return rest;
  }

  /**
   * How many rows {@code shard} of {@code shards} has: the rows with an index equal to it modulo
   * {@code shards}.
   */
  long rows(int shard, int shards) {
    return rows() / shards + (shard < rows() % shards ? 1 : 0);
  }

  /** Gives the instances of the files their place in the split, in their order. */
  Indexer indexer() {
    return new Indexer();
  }

  /** Counts rows of the split while the files are passed over. */
  final class Indexer {
    private final List<Draw> draws = holdOuts.stream().map(HoldOut::draw).toList();
    private final Draw kept = cut == null ? null : cut.draw();
    private long next;

    private Indexer() {}

    /** The index of the next instance in the split, or −1 if it is not part of it. */
    long next() {
      boolean belongs = holdOuts.isEmpty() || owner() == split;
      return belongs && (kept == null || kept.next()) ? next++ : -1;
    }

    private Split owner() {
      for (int i = 0; i < draws.size(); i++) {
        if (draws.get(i).next()) {
          return holdOuts.get(i).split();
        }
      }
      return Split.TRAIN;
    }
  }
}
