package org.dapt.evaluate;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.dapt.data.reader.Split;
import org.dapt.job.JobContext;
import org.dapt.score.ScoreRow;

/**
 * The scores of one task's test examples.
 *
 * @param examples how many there are
 * @param values by metric, in per cent
 * @param meanAttention the mean attention weight of each block; empty for methods without attention
 */
record TaskScores(String task, long examples, Map<String, Double> values, double[] meanAttention) {
  /**
   * The scores of every task. The sums run over the examples in the order of their index, so that
   * the same answers give the same scores to the last bit, however they were spread.
   */
  static List<TaskScores> of(JavaRDD<Row> answers, List<String> tasks) {
    List<Row> rows =
        new ArrayList<>(
            answers
                .map(
                    row ->
                        RowFactory.create(
                            row.get(EvaluateShards.TASK),
                            row.get(EvaluateShards.INDEX),
                            row.get(EvaluateShards.ROUGE_L),
                            row.get(EvaluateShards.EXACT_MATCH),
                            row.get(EvaluateShards.SELECTED_OWN),
                            row.get(EvaluateShards.ATTENTION_WEIGHTS),
                            row.size() > EvaluateShards.ROUGE_L_UNICODE
                                ? row.get(EvaluateShards.ROUGE_L_UNICODE)
                                : null))
                .collect());
    rows.sort(Comparator.comparingLong(row -> row.getLong(1)));
    List<TaskScores> scores = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      int task = i;
      scores.add(of(tasks.get(i), rows.stream().filter(row -> row.getInt(0) == task).toList()));
    }
    return scores;
  }

  private static TaskScores of(String task, List<Row> rows) {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(ScoreRow.ROUGE_L, percent(rows, 2));
    values.put(ScoreRow.EXACT_MATCH, percent(rows, 3));
    if (!rows.get(0).isNullAt(6)) {
      values.put(ScoreRow.ROUGE_L_UNICODE, percent(rows, 6));
    }
    if (!rows.get(0).isNullAt(4)) {
      values.put(ScoreRow.SELECTION_ACCURACY, percent(rows, 4));
    }
    if (rows.get(0).isNullAt(5)) {
      return new TaskScores(task, rows.size(), values, new double[0]);
    }
    double[] mean = new double[((Double[]) rows.get(0).get(5)).length];
    for (Row row : rows) {
      Double[] weights = (Double[]) row.get(5);
      for (int i = 0; i < mean.length; i++) {
        mean[i] += weights[i] / rows.size();
      }
    }
    return new TaskScores(task, rows.size(), values, mean);
  }

  /**
   * The scores as rows of a table.
   *
   * @param learnt the tasks learnt by then, the oldest first
   * @param block digest of what answered
   */
  List<ScoreRow> rows(
      JobContext context, List<String> learnt, Split split, String block, Instant time) {
    List<ScoreRow> rows = new ArrayList<>();
    values.forEach(
        (metric, value) ->
            rows.add(
                new ScoreRow(
                    context.run().runId(),
                    context.config().method().name(),
                    context.config().run().seed(),
                    learnt.size(),
                    learnt.get(learnt.size() - 1),
                    task,
                    split.folder(),
                    metric,
                    value,
                    examples,
                    block,
                    time)));
    return rows;
  }

  private static double percent(List<Row> rows, int column) {
    double sum = 0;
    for (Row row : rows) {
      sum += row.getDouble(column);
    }
    return 100 * sum / rows.size();
  }
}
