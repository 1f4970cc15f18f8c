package org.dapt.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
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
 * The shards of a prepared task. A step takes the same number of examples from each shard, so the
 * batch of a step is the same whatever the number of ranks.
 *
 * @param seed of the run
 * @param globalBatch examples of a step over all ranks; the shards divide it
 * @param context the rank
 * @param columns what {@code example} needs of a row
 * @param example makes what is learnt from out of a row
 */
public record ShardData(
    PreparedTask data,
    long seed,
    int globalBatch,
    RankContext context,
    Projection columns,
    Function<TokenisedExample, Example> example)
    implements TaskData {
  @Override
  public int shards() {
    return data.shards();
  }

  @Override
  public Batches batches(long taken) throws IOException {
    int perShard = globalBatch / data.shards();
    List<ShardStream> streams = new ArrayList<>();
    for (int shard = context.rank(); shard < data.shards(); shard += context.ranks()) {
      streams.add(data.stream(Split.TRAIN, shard, seed, columns, StreamBounds.DEFAULT));
    }
    streams.forEach(stream -> stream.seek(taken * perShard));
    return new Batches() {
      @Override
      public List<Example> next() {
        requireWanted();
        List<Example> examples = new ArrayList<>();
        for (ShardStream stream : streams) {
          for (int i = 0; i < perShard; i++) {
            examples.add(example.apply(stream.next()));
          }
        }
        return examples;
      }

      @Override
      public void close() {
        streams.forEach(ShardStream::close);
      }
    };
  }

  @Override
  public List<Example> examples(InputPass.Over over, int shard) throws IOException {
    Split split = over == InputPass.Over.DEV ? Split.DEV : Split.TRAIN;
    List<Example> examples = new ArrayList<>();
    try (ShardReader reader = data.reader(split, shard, columns)) {
      reader.forEach(row -> examples.add(example.apply(row)));
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
