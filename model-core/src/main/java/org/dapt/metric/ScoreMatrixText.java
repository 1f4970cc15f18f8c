package org.dapt.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Prints a score matrix with its metrics for a terminal of 100 columns: one row per task learnt,
 * one column per task evaluated, then AP, F.Ra, FWT and BWT.
 *
 * <p>Tasks whose names are too long are called t1, t2 … and listed below the table. What does not
 * fit into one table is continued in another.
 */
public final class ScoreMatrixText {
  static final int WIDTH = 100;
  static final String MISSING = "–";

  private final ScoreMatrix matrix;
  private final List<String> labels;
  private final int columnWidth;
  private final int headWidth;
  private final int decimals;

  private ScoreMatrixText(ScoreMatrix matrix, List<String> labels, int decimals) {
    this.matrix = matrix;
    this.labels = labels;
    this.decimals = decimals;
    int longest = labels.stream().mapToInt(String::length).max().orElseThrow();
    this.columnWidth = 1 + Math.max(longest, score(100).length());
    this.headWidth = "after ".length() + longest;
  }

  /** The table and the metrics, in lines that end with {@code \n}. */
  public static String render(ScoreMatrix matrix, ContinualMetrics metrics) {
    ArrayList<String> lines = new ArrayList<String>();
    lines.add("");
    addMetrics(matrix, metrics, lines);
    return table("Score in per cent on each task (columns) after learning a task (rows)", matrix)
        + joined(lines);
  }

  /** The table alone under {@code title}, in lines that end with {@code \n}. */
  public static String table(String title, ScoreMatrix matrix) {
    List<String> numbered = IntStream.rangeClosed(1, matrix.size()).mapToObj(n -> "t" + n).toList();
    ScoreMatrixText named = new ScoreMatrixText(matrix, matrix.tasks(), 2);
    ScoreMatrixText precise = new ScoreMatrixText(matrix, numbered, 2);
    ScoreMatrixText text =
        named.fits() ? named : precise.fits() ? precise : new ScoreMatrixText(matrix, numbered, 1);
    ArrayList<String> lines = new ArrayList<String>();
    lines.add(title);
    lines.add("");
    text.addTables(lines);
    if (text != named) {
      lines.add("");
      addLegend(matrix.tasks(), lines);
    }
    return joined(lines);
  }

  /** Which task is t1, t2 … */
  static void addLegend(List<String> tasks, List<String> lines) {
    for (int task = 0; task < tasks.size(); task++) {
      lines.add("  %-4s %s".formatted("t" + (task + 1), tasks.get(task)));
    }
  }

  static String joined(List<String> lines) {
    return lines.stream().map(line -> line.stripTrailing() + "\n").collect(Collectors.joining());
  }

  private boolean fits() {
    return headWidth + matrix.size() * columnWidth <= WIDTH;
  }

  private void addTables(List<String> lines) {
    int columns = Math.max(1, (WIDTH - headWidth) / columnWidth);
    for (int from = 0; from < matrix.size(); from += columns) {
      if (from > 0) {
        lines.add("");
      }
      int to = Math.min(from + columns, matrix.size());
      StringBuilder header = new StringBuilder(" ".repeat(headWidth));
      labels.subList(from, to).forEach(label -> header.append(right(label)));
      lines.add(header.toString());
      for (int i = from; i < matrix.size(); i++) {
        String label = "after " + labels.get(i);
        StringBuilder row = new StringBuilder(label).append(" ".repeat(headWidth - label.length()));
        for (int j = from; j < Math.min(to, i + 1); j++) {
          OptionalDouble score = matrix.score(i, j);
          row.append(right(score.isPresent() ? score(score.getAsDouble()) : MISSING));
        }
        lines.add(row.toString());
      }
    }
  }

  private String right(String cell) {
    return " ".repeat(columnWidth - cell.length()) + cell;
  }

  private String score(double value) {
    return String.format(Locale.ROOT, "%." + decimals + "f", value);
  }

  private static void addMetrics(ScoreMatrix matrix, ContinualMetrics metrics, List<String> lines) {
    String incomplete = "(" + matrix.whatIsMissing() + ")";
    boolean learntAll =
        IntStream.range(0, matrix.size()).allMatch(j -> matrix.score(j, j).isPresent());
    lines.add(metric("AP", metrics.averagePerformance(), "%.2f", incomplete));
    lines.add(
        metric(
            "F.Ra",
            metrics.forgetting(),
            "%.2f",
            matrix.size() == 1 ? "(needs two tasks)" : incomplete));
    lines.add(
        metric(
            "FWT",
            metrics.forwardTransfer(),
            "%+.2f",
            learntAll
                ? "(needs evaluate.single-task-run, with scores of all these tasks)"
                : incomplete));
    String backward = metric("BWT", metrics.backwardTransfer(), "%+.2f", incomplete);
    OptionalDouble lopezPaz = metrics.backwardTransferLopezPaz();
    lines.add(
        lopezPaz.isPresent()
            ? backward + "  (over T - 1: " + number(lopezPaz.getAsDouble(), "%+.2f").strip() + ")"
            : backward);
  }

  private static String metric(String name, OptionalDouble value, String format, String reason) {
    return value.isPresent()
        ? "%-4s %6s".formatted(name, number(value.getAsDouble(), format))
        : "%-4s %s  %s".formatted(name, MISSING, reason);
  }

  private static String number(double value, String format) {
    // Rounding would leave a minus before a zero.
    return String.format(Locale.ROOT, format, Math.abs(value) < 0.005 ? 0.0 : value);
  }
}
