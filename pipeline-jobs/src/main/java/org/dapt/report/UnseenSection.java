package org.dapt.report;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import org.dapt.score.UnseenScores;

/**
 * What the page shows of a set of unseen tasks.
 *
 * @param set its name
 * @param step after how many learnt tasks
 * @param metrics the columns of scores
 * @param lines a line for each category, one for each of its tasks behind it, and one for all
 * @param attention mean weights; null for methods that do not choose blocks
 */
public record UnseenSection(
    String set, int step, List<String> metrics, List<Line> lines, HeatMap attention) {
  /**
   * One line.
   *
   * @param label u1, u2 …; empty for several tasks
   * @param name of the task or category
   * @param examples how many were answered
   * @param scores in per cent, one for each metric; null where there is none
   */
  public record Line(String label, String name, long examples, List<Double> scores) {}

  /** What there is of {@code unseen}. */
  static UnseenSection of(UnseenScores unseen) {
    List<String> tasks = unseen.tasks();
    List<Line> lines = new ArrayList<>();
    for (UnseenScores.Category category : unseen.categories()) {
      lines.add(line(unseen, "", category.name(), category.tasks()));
      for (String task : category.tasks()) {
        lines.add(line(unseen, label(tasks.indexOf(task)), task, List.of(task)));
      }
    }
    lines.add(line(unseen, "", "All %d tasks".formatted(tasks.size()), tasks));
    return new UnseenSection(
        unseen.set(),
        unseen.step(),
        UnseenText.metrics(unseen).stream().map(UnseenText::title).toList(),
        lines,
        unseen.meanAttention().isEmpty() ? null : attention(unseen));
  }

  private static HeatMap attention(UnseenScores unseen) {
    double[][] weights = UnseenText.weights(unseen);
    List<HeatMap.Line> lines = new ArrayList<>();
    for (int i = 0; i < weights.length; i++) {
      List<HeatMap.Cell> cells = new ArrayList<>();
      for (double weight : weights[i]) {
        cells.add(HeatMap.Cell.of(weight, 1, "%.3f"));
      }
      lines.add(new HeatMap.Line(label(i), unseen.tasks().get(i), cells));
    }
    return new HeatMap(
        "Mean attention weight of each block (columns) on the inputs of each unseen task (rows)",
        "input\u00a0↓ block\u00a0→",
        unseen.learnt(),
        lines);
  }

  private static String label(int position) {
    return "u" + (position + 1);
  }

  private static Line line(UnseenScores unseen, String label, String name, List<String> tasks) {
    List<Double> scores = new ArrayList<>();
    for (String metric : UnseenText.metrics(unseen)) {
      OptionalDouble mean = unseen.mean(tasks, metric);
      scores.add(mean.isPresent() ? mean.getAsDouble() : null);
    }
    return new Line(label, name, tasks.stream().mapToLong(unseen::examples).sum(), scores);
  }
}
