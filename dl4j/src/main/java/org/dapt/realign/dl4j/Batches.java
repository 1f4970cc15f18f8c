package org.dapt.realign.dl4j;

import java.util.Iterator;
import org.apache.spark.api.java.function.FlatMapFunction;
import org.nd4j.linalg.dataset.api.MultiDataSet;

/** Makes batches of shards on an executor, where ND4J is ready before anything of it arrives. */
final class Batches implements FlatMapFunction<Iterator<Shard>, MultiDataSet> {
  private static final long serialVersionUID = 1L;

  @Override
  public Iterator<MultiDataSet> call(Iterator<Shard> shards) {
    Nd4jRuntime.load();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return shards.hasNext();
      }

      @Override
      public MultiDataSet next() {
        return shards.next().batch();
      }
    };
  }
}
