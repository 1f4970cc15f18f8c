package org.dapt.score;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.dapt.data.reader.Split;
import org.dapt.error.InputException;
import org.dapt.metric.ScoreMatrix;

/**
 * What the metrics of continual learning are computed from: the scores on the test splits; on the
 * dev splits where there are none but those, see {@code evaluate.split}.
 */
public final class ScoreMatrices {
  private ScoreMatrices() {}

  /**
   * The matrix of {@code metric}, with entries missing where there is no row. Rows of other metrics
   * and splits are passed over.
   *
   * @param tasks in the order in which they are learnt: the task at position i is learnt in step i
   *     + 1
   * @throws InputException if a row is of a task that is not among {@code tasks}, its step is not
   *     its task's position, it is of a task that was not learnt yet, or an entry is given twice
   */
  public static ScoreMatrix of(List<ScoreRow> rows, String metric, List<String> tasks) {
    return of(rows, task -> metric, tasks);
  }

  /** The same where each task has a metric of its own. */
  public static ScoreMatrix of(
      List<ScoreRow> rows, UnaryOperator<String> metric, List<String> tasks) {
    ScoreMatrix.Builder matrix = ScoreMatrix.of(tasks);
    tested(rows, metric)
        .forEach(
            row -> {
              int learnt = position(tasks, row.learntTask(), row);
              if (row.step() != learnt + 1) {
                throw new InputException(
                    "a score after learning %s has step %d, %d is expected by the order %s: check the stored scores and tasks.order"
                        .formatted(row.learntTask(), row.step(), learnt + 1, tasks));
              }
              matrix.set(learnt, position(tasks, row.evaluatedTask(), row), row.value());
            });
    return matrix.build();
  }

  /**
   * The score of each task on itself, right after learning it, by task in the order of learning.
   * The reference of forward transfer where the rows are those of a single-task run.
   *
   * @throws InputException if there are two of one task
   */
  public static Map<String, Double> singleTask(List<ScoreRow> rows, String metric) {
    return singleTask(rows, task -> metric);
  }

  /** The same where each task has a metric of its own. */
  public static Map<String, Double> singleTask(List<ScoreRow> rows, UnaryOperator<String> metric) {
    LinkedHashMap<String, Double> scores = new LinkedHashMap<String, Double>();
    tested(rows, metric)
        .filter(row -> row.learntTask().equals(row.evaluatedTask()))
        .sorted(Comparator.comparingInt(ScoreRow::step))
        .forEach(
            row -> {
              if (scores.put(row.evaluatedTask(), row.value()) != null) {
                throw new InputException(
                    "the score on task %s right after learning it (%s) is given twice, once is expected: check that the scores are of one run"
                        .formatted(row.evaluatedTask(), row.metric()));
              }
            });
    return scores;
  }

  private static Stream<ScoreRow> tested(List<ScoreRow> rows, UnaryOperator<String> metric) {
    String split =
        rows.stream().anyMatch(row -> row.split().equals(Split.TEST.folder()))
            ? Split.TEST.folder()
            : Split.DEV.folder();
    return rows.stream()
        .filter(
            row ->
                row.metric().equals(metric.apply(row.evaluatedTask()))
                    && row.split().equals(split));
  }

  private static int position(List<String> tasks, String task, ScoreRow row) {
    int position = tasks.indexOf(task);
    if (position < 0) {
      throw new InputException(
          "a score of step %d is about task %s, which is not among the tasks %s: check tasks.order"
              .formatted(row.step(), task, tasks));
    }
    return position;
  }
}
