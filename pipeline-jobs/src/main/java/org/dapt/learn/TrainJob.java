package org.dapt.learn;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.dapt.config.TrainSettings;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.TaskManifest;
import org.dapt.error.InputException;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.SentMetrics;
import org.dapt.loop.Kept;
import org.dapt.loop.TaskCheckpoints;
import org.dapt.replay.ReplayInputs;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TrainingCost;
import org.dapt.run.TrainingTable;
import org.dapt.sink.LiveSteps;
import org.dapt.sink.StepFeed;
import org.dapt.sink.TaskSeries;
import org.dapt.tensor.NativeRuntime;
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
   */
  public void run(List<String> tasks) throws IOException {
    int number = tasks.size();
    String task = tasks.get(number - 1);
    Path folder = context.run().task(number, task);
    Marker marker = context.run().marker(folder);
    List<LearntFolder> learnt = context.folders(tasks, number - 1);
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    Map<String, String> inputs = inputs(data, learnt);
    if (marker.isDone()) {
      if (!marker.matches(context.config().hash(), inputs)) {
        throw new InputException(
            "%s was learnt from other inputs than those of now: its data or an earlier block changed. Delete it and the folders of all later tasks, or take another run.dir."
                .formatted(folder));
      }
      LOG.info("Task {} ({}) is learnt already", number, task);
      new TaskCheckpoints(context).delete(folder);
      new SentMetrics(context)
          .offer(
              () ->
                  new TaskSeries(number, task).points(TrainingTable.read(context.spark(), folder)));
      return;
    }
    try (Lease lease = JobLease.of(context, folder)) {
      GangOptions options = context.gang();
      Gang gang = new Gang(context.sparkContext(), options);
      long start = System.nanoTime();
      TrainResult result;
      try (LiveSteps live = LiveSteps.of(context.sparkContext(), context.metrics(), number, task)) {
        result =
            gang.run(new TrainRank(plan(folder, inputs, data, learnt, task, live.feed()))).get(0);
      }
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Object> summary = summary(result, seconds, options.ranks(), gang.exchange());
      keep(lease, folder, result, inputs, summary);
      new SentMetrics(context).offer(() -> new TaskSeries(number, task).points(result.steps()));
      LOG.info("Learnt task {} ({}): {}", number, task, TrainingCost.of(task, marker).text());
    }
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
    List<LearntFolder> learnt = context.folders(tasks, number - 1);
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    try (Lease lease = JobLease.of(context, folder)) {
      TrainResult result = new TrainResult(packed, List.of(), "", NativeRuntime.residentBytes());
      Map<String, Object> summary = summary(result, 0, 1, "none");
      summary.put("imported_from", origin);
      keep(lease, folder, result, inputs(data, learnt), summary);
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
      Map<String, Object> summary)
      throws IOException {
    lease.check();
    TaskArtifacts.write(context.run().files(), folder, result.learnt());
    TrainingTable.write(context.spark(), context.run().files(), folder, result.steps());
    lease.check();
    context.run().marker(folder).write(context.config().hash(), inputs, summary);
    new TaskCheckpoints(context).delete(folder);
  }

  private TrainPlan plan(
      Path folder,
      Map<String, String> inputs,
      PreparedTask data,
      List<LearntFolder> learnt,
      String task,
      StepFeed feed)
      throws IOException {
    TrainSettings train = context.config().train();
    long examples = data.manifest().split(Split.TRAIN).examples();
    Kept kept = new KeptExamples(context).of(learnt, task, examples);
    return new TrainPlan(
        context.serializableHadoop(),
        context.model(),
        context.config().method().name(),
        context.methodOptions(),
        new TrainerOptions(train.learningRate(), train.microBatchTokens(), train.maxGradientNorm()),
        learnt,
        task,
        data.folder().toString(),
        new ReplayInputs(context).assemble(learnt),
        kept,
        context.config().run().seed(),
        KeptExamples.steps(train, examples, kept),
        train.globalBatch(),
        new TaskCheckpoints(context).plan(folder, inputs),
        feed,
        train.verifyFrozen());
  }

  /** Digests of everything besides the configuration that decides what is learnt. */
  private Map<String, String> inputs(PreparedTask data, List<LearntFolder> learnt)
      throws IOException {
    Map<String, String> inputs = context.digests(learnt);
    inputs.put(
        "data",
        FileDigest.sha256(context.run().files(), new Path(data.folder(), TaskManifest.FILE)));
    inputs.putAll(new ReplayInputs(context).digests(learnt));
    inputs.putAll(new KeptExamples(context).digests(learnt));
    return inputs;
  }

  private static Map<String, Object> summary(
      TrainResult result, double seconds, int ranks, String exchange) {
    long tokens = 0;
    double stepSeconds = 0;
    for (StepRecord step : result.steps()) {
      tokens += step.report().sourceTokens() + step.report().targetTokens();
      stepSeconds += step.seconds();
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put("sha256", result.learnt().sha256());
    summary.put("frozen_sha256", result.frozenSha256());
    summary.put("steps", result.steps().size());
    summary.put("seconds", seconds);
    summary.put("tokens", tokens);
    // An imported task took no steps.
    summary.put("tokens_per_second", stepSeconds == 0 ? 0.0 : tokens / stepSeconds);
    summary.put("ranks", ranks);
    summary.put("exchange", exchange);
    summary.put("resident_bytes", result.residentBytes());
    return summary;
  }
}
