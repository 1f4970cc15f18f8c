package org.dapt.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.ShardStream;
import org.dapt.data.shard.StreamBounds;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.gang.RankContext;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.train.TaskData;

/**
 * The shards of a prepared task. A step takes its examples from all shards alike, so the batch of a
 * step is the same whatever the number of ranks.
 *
 * @param seed of the run
 * @param globalBatch examples of a step over all ranks; the shards divide it
 * @param context the rank
 * @param columns what {@code example} needs of a row
 * @param example makes what is learnt from out of a row
 * @param kept examples of earlier tasks in the batches
 */
public record ShardData(
    PreparedTask data,
    long seed,
    int globalBatch,
    RankContext context,
    Projection columns,
    Function<TokenisedExample, Example> example,
    Kept kept)
    implements TaskData {
  @Override
  public int shards() {
    return data.shards();
  }

  @Override
  public Batches batches(long taken) throws IOException {
    MixedBatches mixed = new MixedBatches(data.shards(), globalBatch, kept);
    List<ShardStream> streams = new ArrayList<>();
    SortedMap<Integer, Supplier<Example>> own = new TreeMap<>();
    for (int shard = context.rank(); shard < data.shards(); shard += context.ranks()) {
      ShardStream stream = data.stream(Split.TRAIN, shard, seed, columns, StreamBounds.DEFAULT);
      streams.add(stream);
      stream.seek(mixed.taken(shard, taken));
      own.put(shard, () -> example.apply(stream.next()));
    }
    return new Batches() {
      private long step = taken;

      @Override
      public List<Example> next() {
        requireWanted();
        return mixed.next(step++, own);
      }

      @Override
      public void close() {
        streams.forEach(ShardStream::close);
      }
    };
  }

  @Override
  public List<Example> examples(InputPass.Over over, int shard, int most) throws IOException {
    Split split = over == InputPass.Over.DEV ? Split.DEV : Split.TRAIN;
    List<Example> examples = new ArrayList<>();
    try (ShardReader reader = data.reader(split, shard, columns)) {
      for (int group = 0; group < reader.rowGroups() && examples.size() < most; group++) {
        reader.readRowGroup(group).stream()
            .limit(most - examples.size())
            .forEach(row -> examples.add(example.apply(row)));
      }
    }
    return examples;
  }

  /** Spark does not stop the threads of tasks: it tells them that nobody wants their result. */
  private static void requireWanted() {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      throw new TaskKilledException("the job was cancelled");
    }
  }
}
