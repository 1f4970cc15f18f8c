package org.dapt.learn;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.TrainSettings;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.job.AtOnce;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.Outcome;
import org.dapt.job.SentMetrics;
import org.dapt.loop.Kept;
import org.dapt.loop.TaskCheckpoints;
import org.dapt.method.LearntTask;
import org.dapt.replay.ReplayInputs;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TrainingCost;
import org.dapt.run.TrainingSummary;
import org.dapt.run.TrainingTable;
import org.dapt.sink.LiveSteps;
import org.dapt.sink.StepFeed;
import org.dapt.sink.TaskSeries;
import org.dapt.train.StepRecord;
import org.dapt.train.TrainerOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Learns one task on a gang of ranks and keeps what was learnt in the task's folder of the run. */
public final class TrainJob {
  private static final Logger LOG = LoggerFactory.getLogger(TrainJob.class);

  private final JobContext context;

  public TrainJob(JobContext context) {
    this.context = context;
  }

  /**
   * Learns the last of {@code tasks}, unless that is done.
   *
   * @param tasks the tasks in the order in which they are learnt; all before the last are learnt
   *     already and the last is prepared
   * @return {@link Outcome#DONE} or {@link Outcome#SKIPPED}
   */
  public Outcome run(List<String> tasks) throws IOException {
    int number = tasks.size();
    String task = tasks.get(number - 1);
    Path folder = context.run().task(number, task);
    Marker marker = context.run().marker(folder);
    if (inputs(tasks).isLearnt()) {
      return skipped(number, task, folder);
    }
    try (Lease lease = JobLease.of(context, folder)) {
      // Whoever had the lease until now may have learnt it.
      TrainInputs inputs = inputs(tasks);
      if (inputs.isLearnt()) {
        return skipped(number, task, folder);
      }
      if (AtOnce.leavesNothing(context.config(), tasks)) {
        return keepNothing(lease, folder, inputs, tasks);
      }
      GangOptions options = context.gang();
      Gang gang = new Gang(context.sparkContext(), options);
      long before = new TaskCheckpoints(context).newestStep(folder, inputs.digests());
      long start = System.nanoTime();
      TrainSettings train = config(task).train();
      long examples = inputs.data().manifest().split(Split.TRAIN).examples();
      Kept kept = new KeptExamples(context).of(inputs.learnt(), task, examples);
      long steps = KeptExamples.steps(context.config(), tasks, this::examples, kept.mix());
      LOG.info(
          "Learning task {} ({}) in {} {} of {} examples",
          number,
          task,
          steps,
          steps == 1 ? "step" : "steps",
          train.globalBatch());
      if (train.rates(steps).warmup() >= steps) {
        LOG.warn(
            "The learning rate of task {} rises in all of its {} steps: train.warmup is {}",
            task,
            steps,
            train.warmup());
      }
      TrainResult result;
      try (LiveSteps live = LiveSteps.of(context.sparkContext(), context.metrics(), number, task)) {
        result =
            gang.run(new TrainRank(plan(folder, inputs, tasks, steps, kept, live.feed()))).get(0);
      }
      // Steps that a process took which was cut off count as well.
      double seconds =
          (System.nanoTime() - start) / 1e9
              + result.steps().stream().limit(before).mapToDouble(StepRecord::seconds).sum();
      if (result.steps().size() < steps) {
        LOG.info(
            "Task {} ends after step {} of {}: {} looks at dev in a row were no better than that after step {} (train.patience)",
            task,
            result.steps().size(),
            steps,
            train.patience(),
            result.choice().step());
      }
      keep(
          lease,
          folder,
          result,
          inputs.digests(),
          summary(task, result, steps, seconds, options.ranks(), gang.exchange(), null));
      new SentMetrics(context).offer(() -> new TaskSeries(number, task).points(result.steps()));
      LOG.info("Learnt task {} ({}): {}", number, task, TrainingCost.of(task, marker).text());
      return Outcome.DONE;
    }
  }

  private TrainInputs inputs(List<String> tasks) throws IOException {
    return TrainInputs.of(context.config(), context.run(), context.hadoop(), tasks);
  }

  private Outcome skipped(int number, String task, Path folder) throws IOException {
    LOG.info("Task {} ({}) is learnt already", number, task);
    new TaskCheckpoints(context).delete(folder);
    new SentMetrics(context)
        .offer(
            () -> new TaskSeries(number, task).points(TrainingTable.read(context.spark(), folder)));
    return Outcome.SKIPPED;
  }

  /**
   * Keeps what was not learnt here as what is learnt of the last of {@code tasks}.
   *
   * @param tasks as for {@link #run}
   * @param origin where it came from
   */
  public void keep(List<String> tasks, TaskArtifacts.Packed packed, String origin)
      throws IOException {
    int number = tasks.size();
    String task = tasks.get(number - 1);
    Path folder = context.run().task(number, task);
    try (Lease lease = JobLease.of(context, folder)) {
      TrainInputs inputs = inputs(tasks);
      TrainResult result = TrainResult.without(packed);
      keep(lease, folder, result, inputs.digests(), summary(task, result, 0, 0, 1, "none", origin));
      LOG.info("Imported task {} ({})", number, task);
    }
  }

  /**
   * Writes what was learnt; with the marker it is there, and its checkpoints are of no more use.
   */
  private void keep(
      Lease lease,
      Path folder,
      TrainResult result,
      Map<String, String> inputs,
      TrainingSummary summary)
      throws IOException {
    lease.check();
    TaskArtifacts.write(context.run().files(), folder, result.learnt());
    TrainingTable.write(context.spark(), context.run().files(), folder, result.steps());
    lease.check();
    context.run().marker(folder).write(context.config().hash(), inputs, summary.toMap());
    new TaskCheckpoints(context).delete(folder);
  }

  /** An empty block: nothing is learnt with this task, or nothing at all. */
  private Outcome keepNothing(Lease lease, Path folder, TrainInputs inputs, List<String> tasks)
      throws IOException {
    String task = tasks.get(tasks.size() - 1);
    LearntTask nothing = new LearntTask(task, Map.of(), Map.of(), List.of());
    TrainResult result =
        TrainResult.without(TaskArtifacts.pack(nothing, context.config().method().name()));
    keep(lease, folder, result, inputs.digests(), summary(task, result, 0, 0, 1, "none", null));
    LOG.info(
        "Task {} ({}): method {} learns nothing {}",
        tasks.size(),
        task,
        context.config().method().name(),
        AtOnce.defers(context.config(), tasks.size()) ? "before the last task" : "at all");
    return Outcome.DONE;
  }

  /** The settings with which {@code task} is learnt: those of its own where it is learnt alone. */
  private DaptConfig config(String task) {
    DaptConfig config = context.config();
    return AtOnce.is(config) ? config : config.forTask(task);
  }

  /** Training examples of a prepared task. */
  private long examples(String task) {
    try {
      return PreparedTask.open(context.hadoop(), context.run().data(task))
          .manifest()
          .split(Split.TRAIN)
          .examples();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private TrainPlan plan(
      Path folder, TrainInputs inputs, List<String> tasks, long steps, Kept kept, StepFeed feed)
      throws IOException {
    String task = tasks.get(tasks.size() - 1);
    DaptConfig config = config(task);
    TrainSettings train = config.train();
    List<String> together = AtOnce.together(context.config(), tasks);
    return new TrainPlan(
        context.serializableHadoop(),
        context.model(),
        context.config().method().name(),
        context.methodOptions(),
        new TrainerOptions(
            train.learningRate(),
            train.rates(steps),
            train.weightDecay(),
            train.microBatchTokens(),
            train.maxGradientNorm(),
            train.verifyRanksEvery(),
            context.modelDropout(task),
            context.blockDropout(task),
            train.recompute()),
        inputs.learnt(),
        Math.max(context.config().tasks().order().size(), tasks.size()),
        task,
        together.stream().map(name -> context.run().data(name).toString()).toList(),
        train.reference(),
        new ReplayInputs(context).assemble(inputs.learnt()),
        kept,
        context.config().replay().maxTokens(),
        context.config().run().seed(),
        steps,
        train.globalBatch(),
        DevPlan.of(config, together, together.stream().mapToLong(this::examples).sum(), kept.mix()),
        new TaskCheckpoints(context).plan(folder, inputs.digests()),
        feed,
        train.verifyFrozen());
  }

  private TrainingSummary summary(
      String task,
      TrainResult result,
      long planned,
      double seconds,
      int ranks,
      String exchange,
      String importedFrom) {
    long tokens = 0;
    double stepSeconds = 0;
    for (StepRecord step : result.steps()) {
      tokens += step.report().sourceTokens() + step.report().targetTokens();
      stepSeconds += step.seconds();
    }
    return new TrainingSummary(
        result.learnt().sha256(),
        result.frozenSha256(),
        result.steps().size(),
        planned,
        seconds,
        tokens,
        // An imported task took no steps.
        stepSeconds == 0 ? 0.0 : tokens / stepSeconds,
        ranks,
        exchange,
        result.residentBytes(),
        result.peakResidentBytes(),
        result.deviceBytes(),
        result.trainedParameters(),
        importedFrom,
        result.choice(),
        TrainInputs.overrides(context.config(), task));
  }
}
