package org.dapt.compare.outcome;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.xxhash64;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.config.DaptConfig;
import org.dapt.error.InputException;
import org.dapt.run.PredictionTable;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunFolder;
import org.dapt.score.ScoreRow;
import org.dapt.score.UnseenScores;
import org.dapt.spark.LiteralPaths;
import org.dapt.spark.StoredRows;

/**
 * The score in per cent of every test example after the last task, as a run has stored them.
 *
 * @param byTask by task, those that were learnt in the order of learning; by the index of the
 *     example
 */
record ExampleScores(Map<String, SortedMap<Long, Scored>> byTask) {
  /**
   * The score of an answer.
   *
   * @param what was asked, and how it is scored: of the same index in other draws of a split, or
   *     after the files of its task were changed, that is another thing
   */
  record Scored(String what, double score) {}

  private static final String WHAT = "what";
  private static final String ADVICE =
      "Delete the folders of this step in predictions and scores and run the comparison again.";

  /**
   * Those of {@code cell}, which is done, on the tasks that it has learnt, in their metrics.
   *
   * @throws InputException if stored answers are missing or damaged
   */
  static ExampleScores learnt(SparkSession spark, CellConfigs configs, Cell cell) {
    DaptConfig config = configs.of(cell);
    return read(
        spark,
        run(configs, config).predictions(cell.tasks().size(), cell.tasks().get(0)).getParent(),
        cell.tasks(),
        task -> config.metric(task).text());
  }

  /**
   * Those of {@code cell} in ROUGE-L on the unseen tasks of {@code scores}, which it has.
   *
   * @throws InputException if stored answers are missing or damaged
   */
  static ExampleScores unseen(
      SparkSession spark, CellConfigs configs, Cell cell, UnseenScores scores) {
    RunDirectory run = run(configs, configs.of(cell));
    return read(
        spark,
        run.unseen(scores.set()).predictions(scores.step()),
        scores.tasks(),
        task -> ScoreRow.ROUGE_L);
  }

  private static RunDirectory run(CellConfigs configs, DaptConfig config) {
    return RunDirectory.open(configs.hadoop(), new Path(config.run().dir()));
  }

  private static ExampleScores read(
      SparkSession spark, Path step, List<String> tasks, Function<String, String> metricOf) {
    SparkSession session = spark.newSession();
    // Tasks may be called 001.
    session.conf().set("spark.sql.sources.partitionColumnTypeInference.enabled", "false");
    StructType columns = PredictionTable.ALL.add(RunFolder.TASK, DataTypes.StringType);
    Map<String, SortedMap<Long, Scored>> byTask = new LinkedHashMap<>();
    tasks.forEach(task -> byTask.put(task, new TreeMap<>()));
    List<String> scores = Arrays.asList("rouge_l", "exact_match", "rouge_l_unicode");
    for (Row row : StoredRows.collect(() -> rows(session, step, columns), step, ADVICE)) {
      String task = row.getString(0);
      String metric = PredictionTable.score(metricOf.apply(task));
      int column = 3 + scores.indexOf(metric);
      if (!byTask.containsKey(task) || row.isNullAt(column)) {
        throw new InputException(
            "%s has an answer of task %s without %s, or of a task that has no score. %s"
                .formatted(step, task, metric, ADVICE));
      }
      String what = metric + " " + row.<Long>getAs(WHAT);
      byTask.get(task).put(row.getLong(1), new Scored(what, 100 * row.getDouble(column)));
    }
    List<String> without =
        byTask.keySet().stream().filter(task -> byTask.get(task).isEmpty()).toList();
    if (!without.isEmpty()) {
      throw new InputException(
          "%s has no answers of %s. %s".formatted(step, String.join(", ", without), ADVICE));
    }
    return new ExampleScores(byTask);
  }

  private static Dataset<Row> rows(SparkSession spark, Path step, StructType columns) {
    return LiteralPaths.reader(spark)
        .schema(columns)
        .parquet(step.toString())
        .select(
            col(RunFolder.TASK),
            col(PredictionTable.INDEX),
            xxhash64(col(PredictionTable.INPUT), col(PredictionTable.REFERENCES)).as(WHAT),
            col(PredictionTable.ROUGE_L),
            col(PredictionTable.EXACT_MATCH),
            col(PredictionTable.ROUGE_L_UNICODE));
  }

  /**
   * The mean over several runs of the same method, {@code [tasks][examples]}; they have answered
   * the same examples.
   */
  static double[][] mean(List<ExampleScores> runs) {
    ExampleScores first = runs.get(0);
    double[][] mean = new double[first.byTask().size()][];
    int task = 0;
    for (String name : first.byTask().keySet()) {
      Map<Long, Double> sums = new TreeMap<>();
      for (ExampleScores run : runs) {
        run.byTask()
            .get(name)
            .forEach((index, scored) -> sums.merge(index, scored.score(), Double::sum));
      }
      mean[task++] = sums.values().stream().mapToDouble(sum -> sum / runs.size()).toArray();
    }
    return mean;
  }

  /** Whether both have answered the same examples, and are scored alike. */
  boolean isOfSameExamples(ExampleScores other) {
    return byTask.keySet().equals(other.byTask.keySet())
        && byTask.keySet().stream().allMatch(task -> asked(task).equals(other.asked(task)));
  }

  /** What was asked of {@code task}, by the index of the example. */
  private Map<Long, String> asked(String task) {
    Map<Long, String> asked = new HashMap<>();
    byTask.get(task).forEach((index, scored) -> asked.put(index, scored.what()));
    return asked;
  }
}
