package org.dapt.learn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.TrainSettings;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TaskManifest;
import org.dapt.job.AtOnce;
import org.dapt.job.JobContext;
import org.dapt.loop.Kept;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Example;
import org.dapt.method.Rehearsal;
import org.dapt.method.Rehearsal.Mix;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;
import org.dapt.replay.MadeUpExamples;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;

/**
 * The examples of earlier tasks that a method learns from again: a seeded draw without replacement
 * of each task's training examples, out of its prepared data, or those that the method has made up.
 */
public final class KeptExamples {
  private final JobContext context;

  /** Null where the method keeps none. */
  private final Rehearsal rehearsal;

  KeptExamples(JobContext context) {
    this.context = context;
    rehearsal = rehearsal(context.config());
  }

  private static Rehearsal rehearsal(DaptConfig config) {
    return ContinualMethods.named(config.method().name())
        .rehearsal(JobContext.methodOptions(config));
  }

  /**
   * Those of {@code learnt}, for learning {@code task}.
   *
   * @param examples training examples of {@code task}
   */
  Kept of(List<LearntFolder> learnt, String task, long examples) throws IOException {
    if (rehearsal == null) {
      return Kept.NONE;
    }
    List<Example> kept;
    if (JobContext.recollection(context.config()) != null) {
      kept = new MadeUpExamples(context).of(learnt);
    } else {
      kept = new ArrayList<>();
      for (LearntFolder earlier : learnt) {
        draw(earlier.task(), kept);
      }
    }
    return new Kept(
        kept, rehearsal.mix(examples, kept.size()), context.config().run().seed(), task);
  }

  /**
   * Digests of the data that they are drawn from, by name.
   *
   * @param learnt the first tasks of {@code run}
   */
  static Map<String, String> digests(DaptConfig config, RunDirectory run, List<LearntFolder> learnt)
      throws IOException {
    Map<String, String> digests = new TreeMap<>();
    if (rehearsal(config) != null && JobContext.recollection(config) == null) {
      for (LearntFolder earlier : learnt) {
        Path manifest = new Path(run.data(earlier.task()), TaskManifest.FILE);
        digests.put("kept-" + earlier.task(), FileDigest.sha256(run.files(), manifest));
      }
    }
    return digests;
  }

  /**
   * Steps of a task: as many as it takes every example as often as there are epochs.
   *
   * @param examples its training examples
   * @param mix of its batches
   */
  private static long steps(TrainSettings train, long examples, Mix mix) {
    long whole = mix.steps(train.epochs() * examples, train.globalBatch());
    long steps = Math.max(train.steps(examples), whole);
    return train.maxSteps() == 0 ? steps : Math.min(steps, train.maxSteps());
  }

  /**
   * The steps of the last of {@code tasks}, which is yet to be learnt. Where examples are made up
   * there may be fewer of them than are wanted, and so fewer steps.
   *
   * @param tasks in the order in which they are learnt
   * @param examples tells how many training examples a task has
   */
  public static long steps(DaptConfig config, List<String> tasks, ToLongFunction<String> examples) {
    Rehearsal rehearsal = rehearsal(config);
    Mix mix = Mix.NEW_ONLY;
    if (rehearsal != null) {
      long kept =
          tasks.subList(0, tasks.size() - 1).stream()
              .mapToLong(task -> rehearsal.kept(examples.applyAsLong(task)))
              .sum();
      mix = rehearsal.mix(examples.applyAsLong(tasks.get(tasks.size() - 1)), kept);
    }
    return steps(config, tasks, examples, mix);
  }

  /**
   * The same with the examples of earlier tasks known.
   *
   * @param mix of the batches
   */
  static long steps(
      DaptConfig config, List<String> tasks, ToLongFunction<String> examples, Mix mix) {
    if (AtOnce.leavesNothing(config, tasks)) {
      return 0;
    }
    if (AtOnce.is(config)) {
      // As many as the tasks would have one after the other.
      return tasks.stream()
          .mapToLong(
              task -> steps(config.forTask(task).train(), examples.applyAsLong(task), Mix.NEW_ONLY))
          .sum();
    }
    long own = examples.applyAsLong(tasks.get(tasks.size() - 1));
    return steps(config.forTask(tasks.get(tasks.size() - 1)).train(), own, mix);
  }

  private void draw(String task, List<Example> kept) throws IOException {
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    long examples = data.manifest().split(Split.TRAIN).examples();
    long seed = context.config().run().seed();
    Targets targets = Targets.of(context.config().train().reference(), data, seed, context.model());
    Draw draw = new Draw(rehearsal.kept(examples), examples, KeyedRandom.of(seed, "kept", task));
    for (int shard = 0; shard < data.shards(); shard++) {
      try (ShardReader reader = data.reader(Split.TRAIN, shard, targets.columns())) {
        reader.forEach(
            row -> {
              if (draw.next()) {
                kept.add(
                    new Example(
                        task + "/" + row.id(),
                        row.index(),
                        row.sourceIds(),
                        targets.of(row),
                        true,
                        null));
              }
            });
      }
    }
  }
}
