package org.dapt.score;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.metric.AnswerMetric;

/**
 * One score.
 *
 * @param step number of tasks learnt so far, from 1
 * @param learntTask the task learnt last
 * @param evaluatedTask the task that the score is on
 * @param metric one of {@link #METRICS}
 * @param value in per cent, 0 to 100
 * @param examples that the value is an average over
 * @param blockHash what the model was that gave the answers
 * @param createdAt kept to the microsecond
 */
public record ScoreRow(
    String runId,
    String method,
    long seed,
    int step,
    String learntTask,
    String evaluatedTask,
    String split,
    String metric,
    double value,
    long examples,
    String blockHash,
    Instant createdAt) {
  /** ROUGE-L with stemming, the maximum over the references. */
  public static final String ROUGE_L = AnswerMetric.ROUGE_L.text();

  /** ROUGE-L for texts of any script; only where it is the metric of the run. */
  public static final String ROUGE_L_UNICODE = AnswerMetric.ROUGE_L_UNICODE.text();

  /** The normalised answer is one of the references. */
  public static final String EXACT_MATCH = AnswerMetric.EXACT_MATCH.text();

  /** The largest attention weight belongs to the example's task. */
  public static final String SELECTION_ACCURACY = "selection-accuracy";

  /** The names of all metrics. */
  public static final List<String> METRICS =
      List.of(ROUGE_L, ROUGE_L_UNICODE, EXACT_MATCH, SELECTION_ACCURACY);

  /**
   * Checks the numbers and the metric.
   *
   * @throws InputException if one of them is none
   */
  public ScoreRow {
    var which = "a score on %s after learning %s".formatted(evaluatedTask, learntTask);
    if (!METRICS.contains(metric)) {
      throw new InputException(
          "%s has the metric %s, one of %s is expected: check the stored scores"
              .formatted(which, metric, METRICS));
    }
    if (!(value >= 0 && value <= 100)) {
      throw new InputException(
          "%s has the value %s (%s), 0 to 100 is expected: check the stored scores"
              .formatted(which, value, metric));
    }
    if (step < 1 || examples < 0) {
      throw new InputException(
          "%s has step %d and %d examples, a step from 1 and no negative count are expected: check the stored scores"
              .formatted(which, step, examples));
    }
    createdAt = createdAt.truncatedTo(ChronoUnit.MICROS);
  }
}
