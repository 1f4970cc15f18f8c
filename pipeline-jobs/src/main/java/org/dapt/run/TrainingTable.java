package org.dapt.run;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.spark.LiteralPaths;
import org.dapt.spark.ParquetFolder;
import org.dapt.spark.StoredRows;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;

/**
 * The steps of a learnt task, {@link TaskLayout#TRAINING} in its folder: one row a step, the
 * columns of {@link StepRecord#names}. Each term of the method's loss is a column under its own
 * name.
 */
public final class TrainingTable {
  private static final String ADVICE =
      "Delete the folder of this task and of all later ones from the run and run again.";

  private TrainingTable() {}

  /** Whether a table of these columns is one. */
  public static boolean fits(Collection<String> columns) {
    return columns.containsAll(StepRecord.names(List.of()));
  }

  /** Writes the steps of the task in {@code folder}, in place of what may be there. */
  public static void write(
      SparkSession spark, FileSystem files, Path folder, List<StepRecord> steps)
      throws IOException {
    Collection<String> terms = steps.isEmpty() ? List.of() : steps.get(0).report().terms().keySet();
    StructType columns = columns(terms);
    List<Row> rows = new ArrayList<>();
    for (StepRecord step : steps) {
      Map<String, Double> values = step.values();
      Object[] row = new Object[columns.size()];
      for (int i = 0; i < row.length; i++) {
        String name = columns.fieldNames()[i];
        double value = values.get(name);
        row[i] = StepRecord.WHOLE.contains(name) ? (Object) (long) value : (Object) value;
      }
      rows.add(RowFactory.create(row));
    }
    ParquetFolder.write(
        files,
        spark.createDataFrame(rows, columns).coalesce(1),
        new Path(folder, TaskLayout.TRAINING));
  }

  /**
   * The steps of the task in {@code folder}.
   *
   * @throws InputException if the table is missing or damaged
   */
  public static List<StepRecord> read(SparkSession spark, Path folder) {
    Path table = new Path(folder, TaskLayout.TRAINING);
    return StoredRows.collect(() -> open(spark, table), table, ADVICE).stream()
        .map(row -> StepRecord.of(values(table, row, names(row.schema(), 0))))
        .toList();
  }

  /**
   * Means over windows of equally many steps, for trainings with more steps than a screen shows, in
   * the order of the steps. The number of each is that of the last step in its window.
   *
   * @param window how many steps a window has, at least 1
   * @throws InputException if the table is missing or damaged
   */
  public static List<StepReport> windows(SparkSession spark, Path folder, long window) {
    Path table = new Path(folder, TaskLayout.TRAINING);
    return StoredRows.collect(() -> means(open(spark, table), window), table, ADVICE).stream()
        .map(row -> StepRecord.of(values(table, row, names(row.schema(), 1))).report())
        .toList();
  }

  private static Dataset<Row> means(Dataset<Row> steps, long window) {
    List<Column> means = new ArrayList<>();
    for (String name : steps.columns()) {
      means.add((name.equals("step") ? max(name) : avg(name)).as(name));
    }
    return steps
        .groupBy(floor(col("step").minus(lit(1)).divide(lit(window))).as("window"))
        .agg(means.get(0), means.subList(1, means.size()).toArray(new Column[0]))
        .orderBy("window");
  }

  /** The table; what is no column of every table is a term. */
  private static Dataset<Row> open(SparkSession spark, Path table) {
    StructType found = LiteralPaths.reader(spark).parquet(table.toString()).schema();
    List<String> terms = new ArrayList<>(List.of(found.fieldNames()));
    if (!fits(terms)) {
      throw new InputException(
          "%s has the columns %s, expected are %s and one for each term of the loss. %s"
              .formatted(table, terms, StepRecord.names(List.of()), ADVICE));
    }
    terms.removeAll(StepRecord.names(List.of()));
    return LiteralPaths.reader(spark).schema(columns(terms)).parquet(table.toString());
  }

  private static List<String> names(StructType schema, int from) {
    return Arrays.asList(schema.fieldNames()).subList(from, schema.size());
  }

  private static Map<String, Double> values(Path table, Row row, List<String> names) {
    Map<String, Double> values = new LinkedHashMap<>();
    for (String name : names) {
      if (!(row.getAs(name) instanceof Number number)) {
        throw new InputException(
            "A row of %s has no %s, a number is expected. %s".formatted(table, name, ADVICE));
      }
      values.put(name, number.doubleValue());
    }
    return values;
  }

  private static StructType columns(Collection<String> terms) {
    StructType columns = new StructType();
    for (String name : StepRecord.names(terms)) {
      DataType type = StepRecord.WHOLE.contains(name) ? DataTypes.LongType : DataTypes.DoubleType;
      columns = columns.add(name, type, false);
    }
    return columns;
  }
}
