package org.dapt.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.dapt.metric.ScoreMatrix;

/**
 * How one task fared.
 *
 * @param label t1, t2 …
 * @param testExamples null where it is not evaluated yet
 * @param testDrawnFrom of so many test examples they are a draw; null where they are all
 * @param testHeldOut whether they are taken out of the training split
 * @param learnt the score right after learning it, null where there is none
 * @param best the best score so far
 * @param now the score after the last evaluated step
 */
public record TaskLine(
    String label,
    String name,
    Long testExamples,
    Long testDrawnFrom,
    boolean testHeldOut,
    Double learnt,
    Double best,
    Double now) {

  /** The change since the task was learnt; null where a score is missing. */
  public Double change() {
    return learnt == null || now == null ? null : now - learnt;
  }

  /** {@link #change} for people; null without. */
  public String changeText() {
    return change() == null ? null : Numbers.text("%+.2f", change());
  }

  /** All learnt tasks, in the order of learning. */
  static List<TaskLine> of(RunResults results) {
    List<TaskLine> lines = new ArrayList<>();
    for (int j = 0; j < results.learnt().size(); j++) {
      String task = results.learnt().get(j);
      boolean evaluated =
          results.evaluation().isPresent() && j < results.evaluated().tasks().size();
      lines.add(
          evaluated
              ? of(
                  results.evaluated(),
                  j,
                  results.testDrawnFrom().get(task),
                  results.testHeldOut().contains(task))
              : new TaskLine(HeatMap.label(j), task, null, null, false, null, null, null));
    }
    return lines;
  }

  private static TaskLine of(
      Evaluation evaluation, int j, Long testDrawnFrom, boolean testHeldOut) {
    ScoreMatrix matrix = evaluation.matrix();
    OptionalDouble best = OptionalDouble.empty();
    for (int i = j; i < matrix.size(); i++) {
      OptionalDouble score = matrix.score(i, j);
      if (score.isPresent() && score.getAsDouble() >= best.orElse(0)) {
        best = score;
      }
    }
    String task = evaluation.tasks().get(j);
    return new TaskLine(
        HeatMap.label(j),
        task,
        evaluation.examples().get(task),
        testDrawnFrom,
        testHeldOut,
        orNull(matrix.score(j, j)),
        orNull(best),
        orNull(matrix.score(matrix.size() - 1, j)));
  }

  private static Double orNull(OptionalDouble value) {
    return value.isPresent() ? value.getAsDouble() : null;
  }
}
