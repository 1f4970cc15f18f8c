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
import org.dapt.data.shard.ShardStream;
import org.dapt.data.shard.StreamBounds;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.gang.RankContext;
import org.dapt.method.Example;
import org.dapt.sink.StepFeed;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;
import org.dapt.train.Trainer;

/**
 * The steps of one rank. It works on the shards s with s mod ranks = rank and takes the same number
 * of examples from each for every step, so the batch of a step is the same whatever the number of
 * ranks.
 *
 * @param label what is learnt, for the progress line
 * @param seed of the run
 * @param steps optimizer steps
 * @param globalBatch examples of a step over all ranks; the shards divide it
 * @param columns what {@code example} needs of a row
 * @param example makes what is learnt from out of a row
 * @param feed where rank 0 shows its steps
 */
public record TrainingLoop(
    String label,
    long seed,
    long steps,
    int globalBatch,
    Projection columns,
    Function<TokenisedExample, Example> example,
    StepFeed feed) {
  /**
   * Takes all steps that {@code checkpoints} do not have; returns what rank 0 saw of all of them.
   */
  public List<StepRecord> run(
      Trainer trainer, PreparedTask data, RankContext context, Checkpoints checkpoints)
      throws IOException {
    List<ShardStream> streams = new ArrayList<>();
    List<StepRecord> records = checkpoints.restore(trainer);
    long taken = records.size();
    try (Progress progress = Progress.of(label, taken, steps, context.rank() == 0)) {
      for (int shard = context.rank(); shard < data.shards(); shard += context.ranks()) {
        streams.add(data.stream(Split.TRAIN, shard, seed, columns, StreamBounds.DEFAULT));
      }
      int perShard = globalBatch / data.shards();
      streams.forEach(stream -> stream.seek(taken * perShard));
      for (long step = taken + 1; step <= steps; step++) {
        requireWanted();
        long start = System.nanoTime();
        StepReport report = trainer.step(next(streams, perShard));
        double seconds = (System.nanoTime() - start) / 1e9;
        if (context.rank() == 0) {
          StepRecord record = new StepRecord(report, seconds, trainer.exchangeSeconds());
          records.add(record);
          feed.add(record);
          progress.step(report);
        }
        checkpoints.stepTaken(trainer, records);
      }
      return records;
    } finally {
      streams.forEach(ShardStream::close);
    }
  }

  /** Spark does not stop the threads of tasks: it tells them that nobody wants their result. */
  private static void requireWanted() {
    TaskContext task = TaskContext.get();
    if (task != null && task.isInterrupted()) {
      throw new TaskKilledException("the job was cancelled");
    }
  }

  private List<Example> next(List<ShardStream> streams, int perShard) {
    List<Example> examples = new ArrayList<>();
    for (ShardStream stream : streams) {
      for (int i = 0; i < perShard; i++) {
        examples.add(example.apply(stream.next()));
      }
    }
    return examples;
  }
}
