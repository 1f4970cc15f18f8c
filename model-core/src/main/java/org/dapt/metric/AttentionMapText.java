package org.dapt.metric;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Prints mean attention weights as a heat map for a terminal of 100 columns: one row per evaluated
 * task, one column per block, each cell a shade and the weight. Tasks are called t1, t2 … and
 * listed below. Blocks that do not fit are continued in another table.
 */
public final class AttentionMapText {
  private static final int COLUMN = 7;
  private static final String SHADES = " ░▒▓█";

  private AttentionMapText() {}

  /**
   * The map, in lines that end with {@code \n}.
   *
   * @param tasks in the order of learning: block j is that of task j
   * @param weights {@code [tasks, tasks]}, row i the mean weights of the inputs of task i, each 0
   *     to 1; not a number where a weight is missing
   * @throws IllegalArgumentException if the weights have another shape
   */
  public static String render(List<String> tasks, double[][] weights) {
    if (weights.length != tasks.size()) {
      throw new IllegalArgumentException(weights.length + " rows for " + tasks.size() + " tasks");
    }
    return render(
        "Mean attention weight of each block (columns) on the inputs of each task (rows)",
        "t",
        tasks,
        weights);
  }

  /**
   * The same for inputs of other tasks than those that have blocks.
   *
   * @param title of the map
   * @param label what the rows are called, before their number
   * @param tasks in the order of learning: block j is that of task j
   * @param weights {@code [any, tasks]}
   */
  public static String render(String title, String label, List<String> tasks, double[][] weights) {
    int size = tasks.size();
    for (double[] row : weights) {
      if (row.length != size) {
        throw new IllegalArgumentException(row.length + " weights for " + size + " tasks");
      }
    }
    int head = ("on " + label + Math.max(size, weights.length)).length();
    int columns = (ScoreMatrixText.WIDTH - head) / COLUMN;
    ArrayList<String> lines = new ArrayList<String>();
    lines.add(title);
    for (int from = 0; from < size; from += columns) {
      int to = Math.min(from + columns, size);
      lines.add("");
      StringBuilder header = new StringBuilder(" ".repeat(head));
      for (int block = from; block < to; block++) {
        header.append(("%" + COLUMN + "s").formatted("t" + (block + 1)));
      }
      lines.add(header.toString());
      for (int task = 0; task < weights.length; task++) {
        StringBuilder line =
            new StringBuilder(("%-" + head + "s").formatted("on " + label + (task + 1)));
        for (int block = from; block < to; block++) {
          line.append(cell(weights[task][block]));
        }
        lines.add(line.toString());
      }
    }
    lines.add("");
    ScoreMatrixText.addLegend(tasks, lines);
    return ScoreMatrixText.joined(lines);
  }

  private static String cell(double weight) {
    return Double.isNaN(weight)
        ? ("%" + COLUMN + "s").formatted(ScoreMatrixText.MISSING)
        : String.format(Locale.ROOT, "  %s%.2f", shade(weight), weight);
  }

  private static char shade(double weight) {
    int step = (int) (weight * SHADES.length());
    return SHADES.charAt(Math.max(0, Math.min(step, SHADES.length() - 1)));
  }
}
