package org.dapt.metric;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import org.dapt.error.InputException;

/**
 * The scores of a stream of tasks: {@code a[i][j]}, in per cent, on task j after learning task i,
 * for j up to i, both counted from 0. Any of them may be missing.
 *
 * <p>Immutable.
 */
public final class ScoreMatrix {
  private final List<String> tasks;

  /** Row i has i + 1 entries; a missing one is not a number. */
  private final double[][] scores;

  private ScoreMatrix(List<String> tasks, double[][] scores) {
    this.tasks = tasks;
    this.scores = scores;
  }

  /**
   * A matrix to be filled, for {@code tasks} in the order in which they are learnt.
   *
   * @throws InputException if there is no task or a name occurs twice
   */
  public static Builder of(List<String> tasks) {
    return new Builder(List.copyOf(tasks));
  }

  /** The names of the tasks in the order in which they are learnt. */
  public List<String> tasks() {
    return tasks;
  }

  /** The number of tasks, T. */
  public int size() {
    return tasks.size();
  }

  /**
   * The score in per cent on task {@code evaluated} after learning task {@code learnt}, empty if it
   * is missing.
   *
   * @throws IndexOutOfBoundsException unless {@code 0 <= evaluated <= learnt < size()}
   */
  public OptionalDouble score(int learnt, int evaluated) {
    double score = scores[learnt][evaluated];
    return Double.isNaN(score) ? OptionalDouble.empty() : OptionalDouble.of(score);
  }

  /** Why metrics over several steps cannot be told, for people, where not all scores are there. */
  public String whatIsMissing() {
    boolean lastAlone =
        Arrays.stream(scores)
            .limit(size() - 1L)
            .flatMapToDouble(Arrays::stream)
            .allMatch(Double::isNaN);
    return size() > 1 && lastAlone ? "only the last step is evaluated" : "scores are missing";
  }

  /**
   * The matrix of the first {@code count} tasks: what was known after learning them.
   *
   * @throws IndexOutOfBoundsException unless {@code 1 <= count <= size()}
   */
  public ScoreMatrix first(int count) {
    if (count < 1 || count > size()) {
      throw new IndexOutOfBoundsException("first " + count + " of " + size() + " tasks");
    }
    return new ScoreMatrix(tasks.subList(0, count), Arrays.copyOf(scores, count));
  }

  /** Collects the scores of a {@link ScoreMatrix}. Not for use by several threads. */
  public static final class Builder {
    private final List<String> tasks;
    private final double[][] scores;

    private Builder(List<String> tasks) {
      if (tasks.isEmpty()) {
        throw new InputException(
            "a score matrix without tasks, at least one is expected: check tasks.order");
      }
      HashSet<String> seen = new HashSet<String>();
      for (String task : tasks) {
        if (!seen.add(task)) {
          throw new InputException(
              "task "
                  + task
                  + " occurs twice in a score matrix, once is expected: check tasks.order");
        }
      }
      this.tasks = tasks;
      this.scores = new double[tasks.size()][];
      for (int i = 0; i < scores.length; i++) {
        scores[i] = new double[i + 1];
        Arrays.fill(scores[i], Double.NaN);
      }
    }

    /**
     * Sets the score on task {@code evaluated} after learning task {@code learnt}, both counted
     * from 0.
     *
     * @throws InputException if the score is not in 0..100, the task has not been learnt yet or is
     *     unknown, or the score has been set before
     */
    public Builder set(int learnt, int evaluated, double score) {
      if (evaluated < 0 || learnt >= tasks.size() || evaluated > learnt) {
        throw new InputException(
            "a score on task %d after learning task %d (counted from 0) of %d: only tasks learnt so far are expected, check the stored scores"
                .formatted(evaluated, learnt, tasks.size()));
      }
      String entry =
          "the score on task " + tasks.get(evaluated) + " after learning " + tasks.get(learnt);
      if (!(score >= 0 && score <= 100)) {
        throw new InputException(
            entry + " is " + score + ", 0 to 100 is expected: check the stored scores");
      }
      if (!Double.isNaN(scores[learnt][evaluated])) {
        throw new InputException(
            entry
                + " is given twice, once is expected: check that the scores are of one run, split"
                + " and metric");
      }
      scores[learnt][evaluated] = score;
      return this;
    }

    /** The matrix with the scores set so far. */
    public ScoreMatrix build() {
      double[][] copy = new double[scores.length][];
      Arrays.setAll(copy, i -> scores[i].clone());
      return new ScoreMatrix(tasks, copy);
    }
  }
}
