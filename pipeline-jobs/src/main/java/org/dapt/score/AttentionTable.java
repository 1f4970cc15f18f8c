package org.dapt.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.spark.StoredRows;

/** The mean attention weights after one step: a Parquet folder with a row per task and block. */
public final class AttentionTable {
  /** Mean attention weight of the block. */
  public static final String MEAN_WEIGHT = "mean_weight";

  /** The columns; blocks are counted from 1. */
  public static final StructType COLUMNS =
      new StructType()
          .add(ScoreTable.EVALUATED_TASK, DataTypes.StringType, false)
          .add("block", DataTypes.IntegerType, false)
          .add("block_task", DataTypes.StringType, false)
          .add(MEAN_WEIGHT, DataTypes.DoubleType, false);

  private AttentionTable() {}

  /**
   * The mean weights {@code [tasks, blocks]}, not a number where there is no row.
   *
   * @param folder of one step
   * @param tasks those learnt by then, in the order of learning
   * @throws InputException if there is no such folder, a row is of another task or of a block that
   *     is not its task's
   */
  public static double[][] read(SparkSession spark, Path folder, List<String> tasks) {
    return read(spark, folder, tasks, tasks);
  }

  /**
   * The same where other tasks were evaluated than those that have blocks.
   *
   * @param evaluated tasks of the inputs, one a row of the result
   * @param tasks those learnt by then, one a column
   */
  public static double[][] read(
      SparkSession spark, Path folder, List<String> evaluated, List<String> tasks) {
    double[][] weights = new double[evaluated.size()][tasks.size()];
    Arrays.stream(weights).forEach(row -> Arrays.fill(row, Double.NaN));
    requireFolder(spark, folder);
    for (Row row :
        StoredRows.read(
            spark,
            folder,
            COLUMNS,
            "Delete the folder of this step in scores and evaluate again.")) {
      if (row.anyNull()) {
        throw new InputException(
            "A row of %s lacks a value: %s. Delete the folder of this step in scores and evaluate again."
                .formatted(folder, row));
      }
      int task = evaluated.indexOf(row.getString(0));
      int block = tasks.indexOf(row.getString(2));
      if (task < 0 || block < 0 || block + 1 != row.getInt(1)) {
        throw new InputException(
            "%s has the row %s, which does not fit the tasks evaluated, %s, and learnt, %s. Delete the folder of this step in scores and evaluate again."
                .formatted(folder, row, evaluated, tasks));
      }
      weights[task][block] = row.getDouble(3);
    }
    return weights;
  }

  private static void requireFolder(SparkSession spark, Path folder) {
    try {
      if (!folder.getFileSystem(spark.sessionState().newHadoopConf()).exists(folder)) {
        throw new InputException(
            "The attention weights %s are missing, though there are scores of inputs that chose by them. Delete the folder of this step in scores and evaluate again."
                .formatted(folder));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The attention weights " + folder + " could not be read", e);
    }
  }
}
