package org.dapt.report;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.dapt.metric.ScoreMatrix;

/**
 * A table whose cells are shaded by their value.
 *
 * @param corner what rows and columns are
 * @param columns names of the columns; their labels are t1, t2 …
 */
public record HeatMap(String title, String corner, List<String> columns, List<Line> lines) {
  /** The share at which black and white text are equally readable on the page's shades. */
  private static final double HALF_WAY = 0.68;

  /**
   * One row.
   *
   * @param label t1, t2 …
   * @param name of the row
   */
  public record Line(String label, String name, List<Cell> cells) {}

  /**
   * One cell.
   *
   * @param expected whether there can be a value
   * @param value null where there is none
   * @param share of the largest possible value, 0 to 1
   * @param text the value for people; empty without
   */
  public record Cell(boolean expected, Double value, double share, String text) {
    static Cell of(double value, double most, String format) {
      return Double.isNaN(value)
          ? new Cell(true, null, 0, "–")
          : new Cell(true, value, value / most, Numbers.text(format, value));
    }

    /** Whether the shade is nearer to its end: text on it takes the other ink in every scheme. */
    public boolean strong() {
      return share > HALF_WAY;
    }

    static Cell impossible() {
      return new Cell(false, null, 0, "");
    }
  }

  /** Scores in per cent: rows are steps, columns the tasks scored. */
  static HeatMap of(String title, ScoreMatrix matrix) {
    List<Line> lines = new ArrayList<>();
    for (int i = 0; i < matrix.size(); i++) {
      List<Cell> cells = new ArrayList<>();
      for (int j = 0; j < matrix.size(); j++) {
        cells.add(
            j > i
                ? Cell.impossible()
                : Cell.of(matrix.score(i, j).orElse(Double.NaN), 100, "%.2f"));
      }
      lines.add(new Line(label(i), matrix.tasks().get(i), cells));
    }
    return new HeatMap(title, "after\u00a0↓ on\u00a0→", matrix.tasks(), lines);
  }

  /** Mean attention weights: rows are the tasks of the inputs, columns the blocks. */
  static HeatMap of(String title, List<String> tasks, double[][] weights) {
    List<Line> lines =
        IntStream.range(0, tasks.size())
            .mapToObj(
                task ->
                    new Line(
                        label(task),
                        tasks.get(task),
                        IntStream.range(0, tasks.size())
                            .mapToObj(block -> Cell.of(weights[task][block], 1, "%.3f"))
                            .toList()))
            .toList();
    return new HeatMap(title, "input\u00a0↓ block\u00a0→", tasks, lines);
  }

  /** What a task at {@code position}, counted from 0, is called where its name is too long. */
  static String label(int position) {
    return "t" + (position + 1);
  }
}
