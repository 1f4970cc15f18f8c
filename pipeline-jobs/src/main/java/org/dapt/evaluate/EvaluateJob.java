package org.dapt.evaluate;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.dapt.config.DaptConfig;
import org.dapt.data.reader.Split;
import org.dapt.job.AtOnce;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.Outcome;
import org.dapt.job.SentMetrics;
import org.dapt.report.RunResults;
import org.dapt.report.StreamSeries;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.score.ScoreRow;
import org.dapt.score.ScoreTable;
import org.dapt.sink.MetricPoint;
import org.dapt.spark.CoreTasks;
import org.dapt.terminal.SpentTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays every task learnt so far after a step: answers their test examples, spread over the
 * cluster, and records predictions, scores and attention.
 */
public final class EvaluateJob {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluateJob.class);

  private final JobContext context;
  private final TestAnswers answers;

  /** On the whole cluster, also on executors that come later than the first ones. */
  public EvaluateJob(JobContext context) {
    this.context = context;
    answers = new TestAnswers(context);
  }

  /** With at most {@code slots} tasks at a time. */
  public EvaluateJob(JobContext context, CoreTasks cores, int slots) {
    this.context = context;
    answers = new TestAnswers(context, cores, slots);
  }

  /**
   * Evaluates after learning the last of {@code tasks}, unless that is done.
   *
   * @param tasks the tasks learnt so far, the oldest first
   * @return {@link Outcome#DONE} or {@link Outcome#SKIPPED}
   */
  public Outcome run(List<String> tasks) throws IOException {
    int step = tasks.size();
    if (AtOnce.defers(context.config(), step)) {
      LOG.info(
          "Step {} is not evaluated: method {} learns all tasks with the last one",
          step,
          context.config().method().name());
      return Outcome.SKIPPED;
    }
    if (isDone(context.config(), context.run(), tasks)) {
      return skipped(tasks);
    }
    Marker marker = context.run().marker(context.run().scores(step));
    try (Lease lease =
        JobLease.of(context, context.run().predictions(step, tasks.get(0)).getParent())) {
      // Whoever had the lease until now may have done it.
      if (isDone(context.config(), context.run(), tasks)) {
        return skipped(tasks);
      }
      List<LearntFolder> learnt = context.folders(tasks, step);
      Map<String, String> inputs = context.digests(learnt);
      long start = System.nanoTime();
      TestAnswers.Stored stored =
          answers.store(learnt, tasks, context.run().results(), /* unseen= */ false, lease);
      ScoreTable.write(
          context.spark(), context.run().scores(), step, rows(stored.scores(), tasks, inputs));
      double seconds = (System.nanoTime() - start) / 1e9;
      marker.write(context.config().hash(), inputs, stored.summary(step, seconds));
      new SentMetrics(context).offer(() -> series(tasks));
      LOG.info(
          "Evaluated {} {} after step {} in {}",
          step,
          step == 1 ? "task" : "tasks",
          step,
          SpentTime.text(seconds));
      return Outcome.DONE;
    }
  }

  private Outcome skipped(List<String> tasks) {
    LOG.info("Step {} is evaluated already", tasks.size());
    new SentMetrics(context).offer(() -> series(tasks));
    return Outcome.SKIPPED;
  }

  /**
   * Whether {@link #run} would find nothing to do.
   *
   * @param tasks learnt tasks, the oldest first
   */
  public static boolean isDone(DaptConfig config, RunDirectory run, List<String> tasks) {
    // Together the learnt tasks are the model that is evaluated.
    return AtOnce.defers(config, tasks.size())
        || run.marker(run.scores(tasks.size()))
            .matches(config.hash(), LearntFolder.digests(run, LearntFolder.of(run, tasks)));
  }

  /** The scores and metrics of the stream after learning the last of {@code tasks}. */
  private List<MetricPoint> series(List<String> tasks) {
    UnaryOperator<String> metric = task -> context.config().metric(task).text();
    return StreamSeries.after(
        ScoreTable.read(context.spark(), context.run().scores()),
        tasks,
        metric,
        RunResults.singleTask(context.spark(), context.config(), context.run(), metric));
  }

  /** Whose examples are answered. */
  private Split split() {
    return context.config().evaluate().split().split();
  }

  private List<ScoreRow> rows(
      List<TaskScores> scores, List<String> tasks, Map<String, String> blocks) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    List<ScoreRow> rows = new ArrayList<>();
    for (TaskScores task : scores) {
      int number = tasks.indexOf(task.task()) + 1;
      String block = blocks.get(context.run().task(number, task.task()).getName());
      rows.addAll(task.rows(context, tasks, split(), block, now));
    }
    return rows;
  }
}
