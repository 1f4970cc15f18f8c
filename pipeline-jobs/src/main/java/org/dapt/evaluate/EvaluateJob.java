package org.dapt.evaluate;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.storage.StorageLevel;
import org.dapt.answer.AnswerPlan;
import org.dapt.config.DaptConfig;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.job.AtOnce;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.Outcome;
import org.dapt.job.SentMetrics;
import org.dapt.metric.AnswerMetric;
import org.dapt.report.RunResults;
import org.dapt.report.StreamSeries;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.PredictionTable;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunFolder;
import org.dapt.score.AttentionTable;
import org.dapt.score.ScoreRow;
import org.dapt.score.ScoreTable;
import org.dapt.sink.MetricPoint;
import org.dapt.spark.CoreTasks;
import org.dapt.spark.ParquetFolder;
import org.dapt.terminal.SpentTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays every task learnt so far after a step: answers their test examples, spread over the
 * cluster, and records predictions, scores and attention.
 */
public final class EvaluateJob {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluateJob.class);

  /**
   * Rows of a part that is worth a Spark task of its own: a few batches, so that answering takes
   * far longer than reading the blocks.
   */
  private static final long ROWS_A_PART = 128;

  private final JobContext context;
  private final CoreTasks cores;
  private final int slots;
  private final boolean alone;

  /** On the whole cluster, also on executors that come later than the first ones. */
  public EvaluateJob(JobContext context) {
    this.context = context;
    cores = CoreTasks.withModel(context.sparkContext(), context.config().model().device());
    slots = Math.max(1, cores.slots());
    alone = true;
  }

  /** With at most {@code slots} tasks at a time. */
  public EvaluateJob(JobContext context, CoreTasks cores, int slots) {
    this.context = context;
    this.cores = cores;
    this.slots = slots;
    alone = false;
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
      LOG.info("Step {} is evaluated already", step);
      new SentMetrics(context).offer(() -> series(tasks));
      return Outcome.SKIPPED;
    }
    Marker marker = context.run().marker(context.run().scores(step));
    List<LearntFolder> learnt = context.folders(tasks, step);
    Map<String, String> inputs = context.digests(learnt);
    try (Lease lease =
        JobLease.of(context, context.run().predictions(step, tasks.get(0)).getParent())) {
      long start = System.nanoTime();
      JavaRDD<Row> answers = answers(tasks, learnt).persist(StorageLevel.MEMORY_AND_DISK());
      List<TaskScores> scores = TaskScores.of(answers, tasks);
      lease.check();
      writePredictions(answers, tasks, step);
      answers.unpersist();
      writeAttention(scores, tasks, step);
      lease.check();
      ScoreTable.write(context.spark(), context.run().scores(), step, rows(scores, tasks, inputs));
      double seconds = (System.nanoTime() - start) / 1e9;
      marker.write(context.config().hash(), inputs, Map.of("tasks", step, "seconds", seconds));
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

  /**
   * Whether {@link #run} would find nothing to do.
   *
   * @param tasks learnt tasks, the oldest first
   */
  public static boolean isDone(DaptConfig config, RunDirectory run, List<String> tasks) {
    // Together the learnt tasks are the model that is evaluated.
    return AtOnce.defers(config, tasks.size())
        || run.marker(run.scores(tasks.size()))
            .matches(config.hash(), JobContext.digests(run, LearntFolder.of(run, tasks)));
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

  /** Whose scores are recorded besides those that always are. */
  private AnswerMetric metric(List<String> tasks) {
    return tasks.stream()
        .map(context.config()::metric)
        .filter(metric -> metric == AnswerMetric.ROUGE_L_UNICODE)
        .findFirst()
        .orElse(context.config().tasks().metric());
  }

  private JavaRDD<Row> answers(List<String> tasks, List<LearntFolder> learnt) throws IOException {
    AnswerPlan plan = AnswerPlan.of(context.config(), context.hadoop(), learnt);
    List<List<EvaluateShards.Unit>> parts = parts(tasks);
    List<Integer> numbers = IntStream.range(0, parts.size()).boxed().toList();
    EvaluateShards evaluate = new EvaluateShards(plan, metric(tasks), split(), parts);
    return cores
        .of(context.sparkContext().parallelize(numbers, parts.size()))
        .mapPartitions(evaluate);
  }

  /**
   * The shards of all test splits in parts of about the same number of rows: one a slot, and more
   * where nothing else waits for slots and there is enough to do, since executors may be of unequal
   * speed or still starting.
   */
  private List<List<EvaluateShards.Unit>> parts(List<String> tasks) throws IOException {
    record Sized(EvaluateShards.Unit unit, long rows) {}
    List<Sized> units = new ArrayList<>();
    for (int t = 0; t < tasks.size(); t++) {
      Path folder = context.run().data(tasks.get(t));
      PreparedTask data = PreparedTask.open(context.hadoop(), folder);
      for (int shard = 0; shard < data.shards(); shard++) {
        long rows = data.manifest().split(split()).shards().get(shard).rows();
        if (rows > 0) {
          units.add(new Sized(new EvaluateShards.Unit(t, folder.toString(), shard), rows));
        }
      }
    }
    units.sort(Comparator.comparingLong(Sized::rows).reversed());
    List<List<EvaluateShards.Unit>> parts = new ArrayList<>();
    long rows = units.stream().mapToLong(Sized::rows).sum();
    // As many for each slot: a slot with one part more than the others makes them wait for it.
    long wanted = alone ? slots * Math.max(1, rows / ROWS_A_PART / slots) : slots;
    long[] load = new long[(int) Math.min(wanted, units.size())];
    for (int i = 0; i < load.length; i++) {
      parts.add(new ArrayList<>());
    }
    for (Sized unit : units) {
      int lightest = 0;
      for (int i = 1; i < load.length; i++) {
        lightest = load[i] < load[lightest] ? i : lightest;
      }
      parts.get(lightest).add(unit.unit());
      load[lightest] += unit.rows();
    }
    return parts;
  }

  /**
   * One file for each task, all by one Spark task: they are small, and an executor that has not
   * written a table yet takes seconds to get ready for it.
   */
  private void writePredictions(JavaRDD<Row> answers, List<String> tasks, int step)
      throws IOException {
    Map<Integer, Path> folders = new HashMap<>();
    for (int i = 0; i < tasks.size(); i++) {
      folders.put(i, context.run().predictions(step, tasks.get(i)));
    }
    ParquetFolder.writeGroups(
        context.run().files(),
        context
            .spark()
            .createDataFrame(answers.coalesce(1), EvaluateShards.columns(metric(tasks)))
            .sortWithinPartitions(RunFolder.TASK, PredictionTable.INDEX),
        RunFolder.TASK,
        folders);
  }

  private void writeAttention(List<TaskScores> scores, List<String> tasks, int step)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    for (TaskScores task : scores) {
      for (int block = 0; block < task.meanAttention().length; block++) {
        rows.add(
            RowFactory.create(
                task.task(), block + 1, tasks.get(block), task.meanAttention()[block]));
      }
    }
    if (!rows.isEmpty()) {
      ParquetFolder.write(
          context.run().files(),
          context.spark().createDataFrame(rows, AttentionTable.COLUMNS).coalesce(1),
          context.run().attention(step));
    }
  }

  private List<ScoreRow> rows(
      List<TaskScores> scores, List<String> tasks, Map<String, String> blocks) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    List<ScoreRow> rows = new ArrayList<>();
    for (TaskScores task : scores) {
      int number = tasks.indexOf(task.task()) + 1;
      String block = blocks.get(context.run().task(number, task.task()).getName());
      task.values()
          .forEach(
              (metric, value) ->
                  rows.add(
                      new ScoreRow(
                          context.run().runId(),
                          context.config().method().name(),
                          context.config().run().seed(),
                          tasks.size(),
                          tasks.get(tasks.size() - 1),
                          task.task(),
                          split().folder(),
                          metric,
                          value,
                          task.examples(),
                          block,
                          now)));
    }
    return rows;
  }
}
