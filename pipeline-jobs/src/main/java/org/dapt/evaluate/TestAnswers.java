package org.dapt.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.CollectionAccumulator;
import org.dapt.answer.AnswerPlan;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.job.JobContext;
import org.dapt.metric.AnswerMetric;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.PredictionTable;
import org.dapt.run.ResultFolders;
import org.dapt.run.RunFolder;
import org.dapt.run.TrainingSummary;
import org.dapt.score.AttentionTable;
import org.dapt.spark.CoreTasks;
import org.dapt.spark.ParquetFolder;

/**
 * Answers the examples of prepared tasks that are to be evaluated, spread over the cluster, and
 * stores the answers and the mean attention.
 */
final class TestAnswers {
  /**
   * Rows of a part that is worth a Spark task of its own, at least: a few batches, so that
   * answering takes far longer than reading the blocks.
   */
  private static final long ROWS_A_PART = 128;

  /**
   * So many for each task that was learnt, if that is more: the blocks of all are read for every
   * part.
   */
  private static final long ROWS_A_BLOCK = 8;

  private final JobContext context;
  private final CoreTasks cores;
  private final int slots;
  private final boolean alone;

  /** On the whole cluster, also on executors that come later than the first ones. */
  TestAnswers(JobContext context) {
    this.context = context;
    cores = CoreTasks.withModel(context.sparkContext(), context.config().model().device());
    slots = Math.max(1, cores.slots());
    alone = true;
  }

  /** With at most {@code slots} tasks at a time. */
  TestAnswers(JobContext context, CoreTasks cores, int slots) {
    this.context = context;
    this.cores = cores;
    this.slots = slots;
    alone = false;
  }

  /**
   * What an evaluation came to.
   *
   * @param scores of each task
   * @param peakResidentBytes the most physical memory that a process which answered has had
   */
  record Stored(List<TaskScores> scores, long peakResidentBytes) {
    /** What the marker tells of an evaluation after {@code step} tasks. */
    Map<String, Object> summary(int step, double seconds) {
      Map<String, Object> summary = new TreeMap<>();
      summary.put("tasks", step);
      summary.put("seconds", seconds);
      summary.put(TrainingSummary.PEAK_RESIDENT_BYTES, peakResidentBytes);
      return summary;
    }
  }

  /**
   * Answers with the model after {@code learnt} and stores predictions and attention of that step.
   *
   * @param learnt at least one
   * @param tasks those that are evaluated, which are prepared
   * @param folders where their data lie and their answers go
   * @param unseen whether they are none of the learnt ones
   * @param lease is checked before anything is stored
   */
  Stored store(
      List<LearntFolder> learnt,
      List<String> tasks,
      ResultFolders folders,
      boolean unseen,
      Lease lease)
      throws IOException {
    AnswerMetric metric = metric(tasks);
    AnswerPlan plan = AnswerPlan.of(context.config(), context.hadoop(), learnt);
    Split split = unseen ? Split.TEST : context.config().evaluate().split().split();
    List<List<EvaluateShards.Unit>> parts = parts(learnt.size(), tasks, split, folders);
    List<Integer> numbers = IntStream.range(0, parts.size()).boxed().toList();
    CollectionAccumulator<Long> peaks =
        context.spark().sparkContext().collectionAccumulator("peak_resident_bytes");
    JavaRDD<Row> answers =
        cores
            .of(context.sparkContext().parallelize(numbers, parts.size()))
            .mapPartitions(new EvaluateShards(plan, unseen, metric, split, parts, peaks))
            .persist(StorageLevel.MEMORY_AND_DISK());
    List<TaskScores> scores = TaskScores.of(answers, tasks);
    lease.check();
    writePredictions(answers, metric, tasks, folders, learnt.size());
    answers.unpersist();
    writeAttention(scores, learnt, folders.attention(learnt.size()));
    lease.check();
    return new Stored(scores, peaks.value().stream().mapToLong(Long::longValue).max().orElse(0));
  }

  /** Whose scores are recorded besides those that always are. */
  private AnswerMetric metric(List<String> tasks) {
    return tasks.stream()
        .map(context.config()::metric)
        .filter(metric -> metric == AnswerMetric.ROUGE_L_UNICODE)
        .findFirst()
        .orElse(context.config().tasks().metric());
  }

  /**
   * The shards of a split of all tasks in parts of about the same number of rows: one a slot, and
   * more where nothing else waits for slots and there is enough to do, since executors may be of
   * unequal speed or still starting.
   */
  private List<List<EvaluateShards.Unit>> parts(
      int learnt, List<String> tasks, Split split, ResultFolders folders) throws IOException {
    record Sized(EvaluateShards.Unit unit, long rows) {}
    List<Sized> units = new ArrayList<>();
    for (int t = 0; t < tasks.size(); t++) {
      Path folder = folders.data(tasks.get(t));
      PreparedTask data = PreparedTask.open(context.hadoop(), folder);
      for (int shard = 0; shard < data.shards(); shard++) {
        long rows = data.manifest().split(split).shards().get(shard).rows();
        if (rows > 0) {
          units.add(new Sized(new EvaluateShards.Unit(t, folder.toString(), shard), rows));
        }
      }
    }
    units.sort(Comparator.comparingLong(Sized::rows).reversed());
    List<List<EvaluateShards.Unit>> parts = new ArrayList<>();
    long rows = units.stream().mapToLong(Sized::rows).sum();
    long worthwhile = Math.max(ROWS_A_PART, ROWS_A_BLOCK * learnt);
    // As many for each slot: a slot with one part more than the others makes them wait for it.
    long wanted = alone ? slots * Math.max(1, rows / worthwhile / slots) : slots;
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
  private void writePredictions(
      JavaRDD<Row> answers,
      AnswerMetric metric,
      List<String> tasks,
      ResultFolders folders,
      int step)
      throws IOException {
    Map<Integer, Path> targets = new HashMap<>();
    for (int i = 0; i < tasks.size(); i++) {
      targets.put(i, folders.predictions(step, tasks.get(i)));
    }
    ParquetFolder.writeGroups(
        context.run().files(),
        context
            .spark()
            .createDataFrame(answers.coalesce(1), EvaluateShards.columns(metric))
            .sortWithinPartitions(RunFolder.TASK, PredictionTable.INDEX),
        RunFolder.TASK,
        targets);
  }

  private void writeAttention(List<TaskScores> scores, List<LearntFolder> learnt, Path folder)
      throws IOException {
    List<Row> rows = new ArrayList<>();
    for (TaskScores task : scores) {
      for (int block = 0; block < task.meanAttention().length; block++) {
        rows.add(
            RowFactory.create(
                task.task(), block + 1, learnt.get(block).task(), task.meanAttention()[block]));
      }
    }
    if (!rows.isEmpty()) {
      ParquetFolder.write(
          context.run().files(),
          context.spark().createDataFrame(rows, AttentionTable.COLUMNS).coalesce(1),
          folder);
    }
  }
}
