package org.dapt.metric;

import java.util.List;
import java.util.stream.IntStream;

/** Score matrices written as triangles. */
final class ScoreMatrices {
  private ScoreMatrices() {}

  /** Tasks "task0", "task1" … with one row of scores each; not a number leaves an entry missing. */
  static ScoreMatrix of(double[]... rows) {
    return of(IntStream.range(0, rows.length).mapToObj(i -> "task" + i).toList(), rows);
  }

  static ScoreMatrix of(List<String> tasks, double[]... rows) {
    ScoreMatrix.Builder builder = ScoreMatrix.of(tasks);
    for (int i = 0; i < rows.length; i++) {
      for (int j = 0; j < rows[i].length; j++) {
        if (!Double.isNaN(rows[i][j])) {
          builder.set(i, j, rows[i][j]);
        }
      }
    }
    return builder.build();
  }

  static double[] row(double... scores) {
    return scores;
  }
}
