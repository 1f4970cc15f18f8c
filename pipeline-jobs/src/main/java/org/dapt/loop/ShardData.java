package org.dapt.loop;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.gang.RankContext;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.train.TaskData;

/**
 * The shards of a prepared task, or of several that are learnt together. A step takes its examples
 * from all shards alike, so the batch of a step is the same whatever the number of ranks.
 *
 * @param parts the tasks, of equally many shards; not empty
 * @param seed of the run
 * @param globalBatch examples of a step over all ranks; the shards divide it
 * @param context the rank
 * @param kept examples of earlier tasks in the batches
 */
public record ShardData(
    List<Part> parts, long seed, int globalBatch, RankContext context, Kept kept)
    implements TaskData {
  /**
   * A prepared task.
   *
   * @param columns what {@code example} needs of a row
   * @param example makes what is learnt from out of a row
   */
  public record Part(
      PreparedTask data, Projection columns, Function<TokenisedExample, Example> example) {}

  @Override
  public int shards() {
    return parts.get(0).data().shards();
  }

  @Override
  public Batches batches(long taken) throws IOException {
    MixedBatches mixed = new MixedBatches(shards(), globalBatch, kept);
    SortedMap<Integer, JoinedShard> own = new TreeMap<>();
    try {
      for (int shard = context.rank(); shard < shards(); shard += context.ranks()) {
        JoinedShard joined = JoinedShard.open(parts, shard, seed);
        own.put(shard, joined);
        joined.seek(mixed.taken(shard, taken));
      }
    } catch (IOException | RuntimeException e) {
      own.values().forEach(JoinedShard::close);
      throw e;
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
        own.values().forEach(JoinedShard::close);
      }
    };
  }

  @Override
  public List<Example> examples(InputPass.Over over, int shard, int most) throws IOException {
    Split split = over == InputPass.Over.DEV ? Split.DEV : Split.TRAIN;
    List<Example> examples = new ArrayList<>();
    for (Part part : parts) {
      try (ShardReader reader = part.data().reader(split, shard, part.columns())) {
        for (int group = 0; group < reader.rowGroups() && examples.size() < most; group++) {
          reader.readRowGroup(group).stream()
              .limit(most - examples.size())
              .forEach(row -> examples.add(part.example().apply(row)));
        }
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
