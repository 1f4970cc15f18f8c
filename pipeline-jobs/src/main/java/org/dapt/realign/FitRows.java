package org.dapt.realign;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.dapt.spark.LiteralPaths;
import org.dapt.spark.StoredRows;

/**
 * The rows of a {@link FitTable}, in the order of tasks and inputs, as flat arrays.
 *
 * @param count n, how many
 * @param tasks whose input each is
 * @param seen {@code [n, d]}
 * @param targets {@code [n, T]}
 * @param shares {@code [n]}
 */
record FitRows(int count, List<String> tasks, float[] seen, double[] targets, double[] shares)
    implements Serializable {
  /** Those of {@code folder}. */
  static FitRows read(SparkSession spark, String folder) {
    List<Row> rows =
        StoredRows.collect(
            () ->
                LiteralPaths.reader(spark)
                    .schema(FitTable.COLUMNS)
                    .parquet(folder)
                    .orderBy(FitTable.TASK, FitTable.INDEX),
            new Path(folder),
            "Run dapt realign again.");
    int width = rows.get(0).getList(2).size();
    int blocks = rows.get(0).getList(3).size();
    List<String> tasks = new ArrayList<>();
    float[] seen = new float[rows.size() * width];
    double[] targets = new double[rows.size() * blocks];
    double[] shares = new double[rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      tasks.add(rows.get(i).getString(0));
      List<Float> from = rows.get(i).getList(2);
      List<Double> target = rows.get(i).getList(3);
      for (int j = 0; j < width; j++) {
        seen[i * width + j] = from.get(j);
      }
      for (int j = 0; j < blocks; j++) {
        targets[i * blocks + j] = target.get(j);
      }
      shares[i] = rows.get(i).getDouble(4);
    }
    return new FitRows(rows.size(), tasks, seen, targets, shares);
  }

  /** Those whose place is {@code rank} modulo {@code ranks}. */
  FitRows of(int rank, int ranks) {
    int width = seen.length / count;
    int blocks = targets.length / count;
    int own = (count - rank + ranks - 1) / ranks;
    FitRows part =
        new FitRows(
            own,
            new ArrayList<>(),
            new float[own * width],
            new double[own * blocks],
            new double[own]);
    for (int i = 0; i < own; i++) {
      int from = rank + i * ranks;
      System.arraycopy(seen, from * width, part.seen, i * width, width);
      System.arraycopy(targets, from * blocks, part.targets, i * blocks, blocks);
      part.tasks.add(tasks.get(from));
      part.shares[i] = shares[from];
    }
    return part;
  }
}
