package org.dapt.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.dapt.metric.ContinualMetrics;
import org.dapt.metric.ScoreMatrix;

/**
 * A metric of the whole stream with its definition (docs/metrics.md).
 *
 * @param symbol its short name
 * @param value null where it cannot be told
 * @param text the value for people
 * @param missing why there is no value; empty where there is one
 * @param better which direction is better
 * @param formula over the scores {@code a[i,j]}, as HTML
 * @param meaning one sentence
 */
public record MetricLine(
    String symbol,
    String name,
    Double value,
    String text,
    String missing,
    String better,
    String formula,
    String meaning) {

  /** All metrics of {@code evaluation}. */
  static List<MetricLine> of(Evaluation evaluation) {
    ScoreMatrix matrix = evaluation.matrix();
    ContinualMetrics metrics = evaluation.metrics();
    String incomplete = matrix.whatIsMissing();
    String two = matrix.size() == 1 ? "needs two tasks" : incomplete;
    boolean learntAll =
        IntStream.range(0, matrix.size()).allMatch(j -> matrix.score(j, j).isPresent());
    List<MetricLine> lines = new ArrayList<>();
    lines.add(
        line(
            "AP",
            "average performance",
            metrics.averagePerformance(),
            "%.2f",
            incomplete,
            "higher",
            "1/T · Σ<sub>j</sub> a[T,j]",
            "What the model can do at the end: the mean score on all tasks after the last one."));
    lines.add(
        line(
            "F.Ra",
            "forgetting rate",
            metrics.forgetting(),
            "%.2f",
            two,
            "lower",
            "1/(T−1) · Σ<sub>j&lt;T</sub> ( max<sub>j≤i&lt;T</sub> a[i,j] − a[T,j] )",
            "How far the earlier tasks fell from the best score that they had before the last"
                + " task."));
    lines.add(
        line(
            "FWT",
            "forward transfer",
            metrics.forwardTransfer(),
            "%+.2f",
            learntAll
                ? "needs evaluate.single-task-run, with scores of all these tasks"
                : incomplete,
            "higher",
            "1/T · Σ<sub>j</sub> ( a[j,j] − single[j] )",
            "Whether earlier tasks helped to learn new ones: against models trained on one task"
                + " alone."));
    lines.add(
        line(
            "BWT",
            "backward transfer",
            metrics.backwardTransfer(),
            "%+.2f",
            incomplete,
            "higher",
            "1/T · Σ<sub>j&lt;T</sub> ( a[T,j] − a[j,j] )",
            "What later tasks did to earlier ones since these were learnt."));
    lines.add(
        line(
            "BWT (T−1)",
            "backward transfer of Lopez-Paz and Ranzato",
            metrics.backwardTransferLopezPaz(),
            "%+.2f",
            two,
            "higher",
            "1/(T−1) · Σ<sub>j&lt;T</sub> ( a[T,j] − a[j,j] )",
            "The same sum over the number of earlier tasks."));
    if (evaluation.selection().isPresent()) {
      lines.add(
          line(
              "Selection",
              "selection accuracy",
              evaluation.selectionAccuracy(),
              "%.2f",
              incomplete,
              "higher",
              "mean over tasks after the last step",
              "How often the largest attention weight is on the block of the input's own task."));
    }
    return lines;
  }

  private static MetricLine line(
      String symbol,
      String name,
      OptionalDouble value,
      String format,
      String missing,
      String better,
      String formula,
      String meaning) {
    return value.isPresent()
        ? new MetricLine(
            symbol,
            name,
            value.getAsDouble(),
            Numbers.text(format, value.getAsDouble()),
            "",
            better,
            formula,
            meaning)
        : new MetricLine(symbol, name, null, "–", missing, better, formula, meaning);
  }
}
