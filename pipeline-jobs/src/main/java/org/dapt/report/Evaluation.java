package org.dapt.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.dapt.error.InputException;
import org.dapt.metric.ContinualMetrics;
import org.dapt.metric.ScoreMatrix;
import org.dapt.score.ScoreMatrices;
import org.dapt.score.ScoreRow;

/**
 * The scores of a run up to its last evaluation.
 *
 * @param tasks those learnt by then, in the order of learning
 * @param matrix the scores of each task's metric
 * @param selection selection accuracy by task and step; empty for methods without attention
 * @param selectionAccuracy its mean over the tasks after the last step
 * @param examples how many test examples each task has
 * @param steps the steps that were evaluated, ascending
 * @param first when the first of these scores was written
 * @param last when the last one was
 */
public record Evaluation(
    List<String> tasks,
    ScoreMatrix matrix,
    ContinualMetrics metrics,
    Optional<ScoreMatrix> selection,
    OptionalDouble selectionAccuracy,
    Map<String, Long> examples,
    List<Integer> steps,
    Instant first,
    Instant last) {

  /**
   * What {@code rows} say.
   *
   * @param rows all scores of a run; empty gives empty
   * @param learnt all tasks learnt, in the order of learning
   * @param metric of a task, by its name
   * @param singleTask by task, the score of a model trained on it alone; may be empty
   * @throws InputException if the rows do not fit the tasks
   */
  public static Optional<Evaluation> of(
      List<ScoreRow> rows,
      List<String> learnt,
      UnaryOperator<String> metric,
      Map<String, Double> singleTask) {
    if (rows.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> steps = rows.stream().map(ScoreRow::step).distinct().sorted().toList();
    int last = steps.get(steps.size() - 1);
    if (last > learnt.size()) {
      throw new InputException(
          "There are scores of step %d, but only %d tasks are learnt (%s): expected no more steps than tasks. Delete the scores of the steps above, or restore the folders of the tasks."
              .formatted(last, learnt.size(), learnt));
    }
    List<String> tasks = learnt.subList(0, last);
    ScoreMatrix matrix = ScoreMatrices.of(rows, metric, tasks);
    List<ScoreRow> selections =
        rows.stream().filter(row -> row.metric().equals(ScoreRow.SELECTION_ACCURACY)).toList();
    Map<String, Long> examples = new TreeMap<>();
    List<Instant> times = new ArrayList<>();
    for (ScoreRow row : rows) {
      examples.put(row.evaluatedTask(), row.examples());
      times.add(row.createdAt());
    }
    times.sort(null);
    return Optional.of(
        new Evaluation(
            List.copyOf(tasks),
            matrix,
            ContinualMetrics.of(matrix, singleTask),
            selections.isEmpty()
                ? Optional.empty()
                : Optional.of(ScoreMatrices.of(rows, ScoreRow.SELECTION_ACCURACY, tasks)),
            selections.stream()
                .filter(row -> row.step() == last)
                .mapToDouble(ScoreRow::value)
                .average(),
            examples,
            steps,
            times.get(0),
            times.get(times.size() - 1)));
  }
}
