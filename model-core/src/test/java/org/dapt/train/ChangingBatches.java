package org.dapt.train;

import java.util.List;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.TinyStream;

/** Batches that differ from step to step. */
record ChangingBatches(TinyStream stream) implements TaskData {
  @Override
  public int shards() {
    return 1;
  }

  @Override
  public Batches batches(long taken) {
    return TinyStream.batches(taken, step -> stream.examples(100 + step, 4));
  }

  @Override
  public List<Example> examples(InputPass.Over over, int shard, int most) {
    return stream.examples(7, 5);
  }
}
