package org.dapt.metric;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.IntToDoubleFunction;

/**
 * The metrics of a stream of T tasks, in percentage points, from the scores {@code a[i,j]} on task
 * j after learning task i (here counted from 1). A metric that needs a missing score is empty,
 * never 0.
 *
 * @param averagePerformance AP, the mean over j of {@code a[T,j]}
 * @param forgetting F.Ra, the mean over j &lt; T of {@code max(a[i,j] for j <= i < T) - a[T,j]};
 *     negative where later tasks improved earlier ones, empty for T = 1
 * @param forwardTransfer FWT, the mean over j of {@code a[j,j]} minus the mean score of models
 *     trained on one task alone; empty without the latter
 * @param backwardTransfer BWT, the sum over j &lt; T of {@code a[T,j] - a[j,j]}, divided by T as
 *     the authors' code does; 0 for T = 1
 * @param backwardTransferLopezPaz the same sum divided by T - 1 (Lopez-Paz and Ranzato, 2017);
 *     empty for T = 1
 */
public record ContinualMetrics(
    OptionalDouble averagePerformance,
    OptionalDouble forgetting,
    OptionalDouble forwardTransfer,
    OptionalDouble backwardTransfer,
    OptionalDouble backwardTransferLopezPaz) {

  /** The metrics that need no single-task scores. */
  public static ContinualMetrics of(ScoreMatrix matrix) {
    return of(matrix, Map.of());
  }

  /**
   * All metrics.
   *
   * @param singleTask by name of the task, the score in per cent of a model trained on this task
   *     alone; other tasks are ignored
   */
  public static ContinualMetrics of(ScoreMatrix matrix, Map<String, Double> singleTask) {
    int tasks = matrix.size();
    int last = tasks - 1;
    double gained = sum(last, j -> entry(matrix, last, j) - entry(matrix, j, j));
    double forgotten = sum(last, j -> best(matrix, j) - entry(matrix, last, j));
    double ahead =
        sum(
            tasks,
            j -> entry(matrix, j, j) - singleTask.getOrDefault(matrix.tasks().get(j), Double.NaN));
    // Not a number stands for a missing score and passes through every sum; 0 / 0 is the undefined
    // mean at T = 1.
    return new ContinualMetrics(
        defined(sum(tasks, j -> entry(matrix, last, j)) / tasks),
        defined(forgotten / last),
        defined(ahead / tasks),
        defined(gained / tasks),
        defined(gained / last));
  }

  /** The best score on task {@code j} before the last task. */
  private static double best(ScoreMatrix matrix, int j) {
    double best = Double.NEGATIVE_INFINITY;
    for (int i = j; i < matrix.size() - 1; i++) {
      best = Math.max(best, entry(matrix, i, j));
    }
    return best;
  }

  private static double entry(ScoreMatrix matrix, int learnt, int evaluated) {
    return matrix.score(learnt, evaluated).orElse(Double.NaN);
  }

  private static double sum(int count, IntToDoubleFunction term) {
    double sum = 0;
    for (int j = 0; j < count; j++) {
      sum += term.applyAsDouble(j);
    }
    return sum;
  }

  private static OptionalDouble defined(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }
}
