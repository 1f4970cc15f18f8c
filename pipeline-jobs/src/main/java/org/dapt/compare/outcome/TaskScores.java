package org.dapt.compare.outcome;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.dapt.metric.ScoreMatrix;

/**
 * The scores of a run on one task in per cent.
 *
 * @param learnt right after the task was learnt; null where it was not evaluated then
 * @param last after the last task; null where it is missing
 */
public record TaskScores(Double learnt, Double last) {
  /** Those of all tasks of {@code matrix}, in the order of learning. */
  static Map<String, TaskScores> of(ScoreMatrix matrix) {
    Map<String, TaskScores> tasks = new LinkedHashMap<>();
    for (int i = 0; i < matrix.size(); i++) {
      tasks.put(
          matrix.tasks().get(i),
          new TaskScores(orNull(matrix.score(i, i)), orNull(matrix.score(matrix.size() - 1, i))));
    }
    return tasks;
  }

  private static Double orNull(OptionalDouble score) {
    return score.isPresent() ? score.getAsDouble() : null;
  }
}
