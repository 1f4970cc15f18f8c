package org.dapt.report;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.run.TaskLayout;
import org.dapt.spark.LiteralPaths;
import org.dapt.spark.StoredRows;

/** The losses by step that lie beside each learnt task. */
final class LossTable {
  /** What a screen can show: longer trainings are averaged over windows. */
  private static final long POINTS = 200;

  private static final StructType COLUMNS =
      new StructType()
          .add("step", DataTypes.LongType)
          .add("loss", DataTypes.DoubleType)
          .add("cross_entropy", DataTypes.DoubleType)
          .add("reflection", DataTypes.DoubleType);

  private LossTable() {}

  /**
   * The losses of every learnt task, in the order of learning.
   *
   * @throws org.dapt.error.InputException if a file is missing or damaged
   */
  static List<LossCurve> read(SparkSession spark, RunResults results) {
    List<LossCurve> curves = new ArrayList<>();
    for (int i = 0; i < results.learnt().size(); i++) {
      Path folder = new Path(results.folder(i), TaskLayout.TRAINING);
      long window = Math.max(1, (results.costs().get(i).training().steps() + POINTS - 1) / POINTS);
      String advice = "Delete the folder of this task and of all later ones and run again.";
      List<LossCurve.Point> points =
          StoredRows.collect(() -> windows(spark, folder, window), folder, advice).stream()
              .map(
                  row ->
                      new LossCurve.Point(
                          row.getLong(1), row.getDouble(2), row.getDouble(3), row.getDouble(4)))
              .sorted(Comparator.comparingLong(LossCurve.Point::step))
              .toList();
      if (!points.isEmpty()) {
        curves.add(new LossCurve(results.learnt().get(i), window, points));
      }
    }
    return curves;
  }

  private static Dataset<Row> windows(SparkSession spark, Path folder, long window) {
    return LiteralPaths.reader(spark)
        .schema(COLUMNS)
        .parquet(folder.toString())
        .na()
        .drop()
        .groupBy(floor(col("step").minus(lit(1)).divide(lit(window))).as("window"))
        .agg(max("step"), avg("loss"), avg("cross_entropy"), avg("reflection"));
  }
}
