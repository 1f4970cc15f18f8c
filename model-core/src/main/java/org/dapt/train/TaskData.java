package org.dapt.train;

import java.io.IOException;
import java.util.List;
import org.dapt.method.Example;
import org.dapt.method.InputPass;

/** The data of a task as one rank sees them. Shard s is that of rank s mod ranks. */
public interface TaskData {
  /** This rank's parts of the batches. */
  interface Batches extends AutoCloseable {
    /** This rank's part of the next batch; there always is one. It may be empty. */
    List<Example> next();

    @Override
    void close();
  }

  /** Number of shards, over all ranks. */
  int shards();

  /** This rank's batches behind the first {@code taken} ones. */
  Batches batches(long taken) throws IOException;

  /**
   * The first examples of a shard, in their stored order; there may be none.
   *
   * @param most how many at most, at least 1
   */
  List<Example> examples(InputPass.Over over, int shard, int most) throws IOException;
}
