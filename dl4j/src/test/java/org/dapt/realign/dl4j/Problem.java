package org.dapt.realign.dl4j;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.dapt.realign.FitPlan;
import org.dapt.realign.FitTable;
import org.dapt.realign.SelectionValues;

/**
 * Inputs of some tasks, each scattered about a centre of its task, and the attention they shall
 * have.
 *
 * @param start where the fit starts
 * @param seen {@code [rows][width]}
 * @param targets {@code [rows][tasks]}
 * @param shares {@code [rows]}, add up to 1
 */
record Problem(SelectionValues start, float[][] seen, double[][] targets, double[] shares) {
  static final double TEMPERATURE = 0.7;
  static final double LEARNING_RATE = 0.01;

  /**
   * A problem of three tasks, 16 numbers an input, 8 in the hidden layer.
   *
   * @param rows how many inputs; tasks have them in turn, and shares are not equal
   */
  static Problem of(int rows) {
    int tasks = 3;
    int width = 16;
    int hidden = 8;
    Random random = new Random(5);
    float[][] centres = new float[tasks][width];
    for (float[] centre : centres) {
      for (int i = 0; i < width; i++) {
        centre[i] = (float) random.nextGaussian();
      }
    }
    float[][] seen = new float[rows][width];
    double[][] targets = new double[rows][tasks];
    double[] shares = new double[rows];
    for (int row = 0; row < rows; row++) {
      int task = row % tasks;
      for (int i = 0; i < width; i++) {
        seen[row][i] = centres[task][i] + 0.1f * (float) random.nextGaussian();
      }
      // The first task takes all; of others something belongs to the one before.
      targets[row][task] = task == 0 ? 1 : 0.8;
      if (task > 0) {
        targets[row][task - 1] = 0.2;
      }
      shares[row] = 1 + row % 4;
    }
    double sum = Arrays.stream(shares).sum();
    Arrays.setAll(shares, row -> shares[row] / sum);
    float[] ones = new float[width];
    Arrays.fill(ones, 1);
    float[] keys = uniform(random, tasks * width, 1);
    float[] down = uniform(random, hidden * width, 1 / Math.sqrt(width));
    float[] up = uniform(random, width * hidden, 1 / Math.sqrt(hidden));
    float[] bias = uniform(random, width, 0.1);
    return new Problem(
        new SelectionValues(tasks, width, hidden, keys, down, up, ones, bias),
        seen,
        targets,
        shares);
  }

  private static float[] uniform(Random random, int count, double bound) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) ((2 * random.nextDouble() - 1) * bound);
    }
    return numbers;
  }

  Problem startingAt(SelectionValues other) {
    return new Problem(other, seen, targets, shares);
  }

  /** All rows as one shard, with {@code more} rows that fill it up. */
  Shard shard(int more) {
    int width = start.width();
    int tasks = start.tasks();
    int rows = seen.length + more;
    float[] x = new float[rows * width];
    double[] y = new double[rows * tasks];
    for (int row = 0; row < seen.length; row++) {
      System.arraycopy(seen[row], 0, x, row * width, width);
      System.arraycopy(targets[row], 0, y, row * tasks, tasks);
    }
    return new Shard(seen.length, x, y, Arrays.copyOf(shares, rows));
  }

  /** Writes the table into {@code folder} and plans {@code steps} steps. */
  FitPlan plan(SparkSession spark, Path folder, int steps, int parallelism) {
    List<Row> rows = new ArrayList<>();
    for (int row = 0; row < seen.length; row++) {
      List<Float> x = new ArrayList<>();
      for (float number : seen[row]) {
        x.add(number);
      }
      List<Double> target = Arrays.stream(targets[row]).boxed().toList();
      rows.add(
          RowFactory.create(
              "task " + row % start.tasks(), row / start.tasks(), x, target, shares[row]));
    }
    String inputs = folder.resolve("inputs").toString();
    spark
        .createDataFrame(rows, FitTable.COLUMNS)
        .repartition(3)
        .write()
        .mode(SaveMode.Overwrite)
        .parquet(inputs);
    return new FitPlan(
        spark, inputs, seen.length, start, TEMPERATURE, steps, LEARNING_RATE, parallelism);
  }
}
