package org.dapt.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Timestamp;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.run.RunFolder;
import org.dapt.spark.ParquetFolder;
import org.dapt.spark.StoredRows;

/**
 * The scores of a run as Parquet, one folder {@code step=NNNN} with one file for each step. The
 * step is a partition column: readers find it in the name of the folder.
 */
public final class ScoreTable {
  /** The task of the score. */
  public static final String EVALUATED_TASK = "evaluated_task";

  /** What the score is. */
  public static final String METRIC = "metric";

  /** The score in per cent. */
  public static final String VALUE = "value";

  /** The columns in the files. */
  public static final StructType COLUMNS =
      new StructType()
          .add("run_id", DataTypes.StringType)
          .add("method", DataTypes.StringType)
          .add("seed", DataTypes.LongType)
          .add("learnt_task", DataTypes.StringType)
          .add(EVALUATED_TASK, DataTypes.StringType)
          .add("split", DataTypes.StringType)
          .add(METRIC, DataTypes.StringType)
          .add(VALUE, DataTypes.DoubleType)
          .add("examples", DataTypes.LongType)
          .add("block_hash", DataTypes.StringType)
          .add("created_at", DataTypes.TimestampType);

  private static final StructType TABLE = COLUMNS.add(RunFolder.STEP, DataTypes.IntegerType);

  private ScoreTable() {}

  /**
   * Writes the scores of {@code step}, in the place of those that may be there. They appear all at
   * once.
   *
   * @param scores the folder of all steps
   * @throws IllegalArgumentException if a row is of another step, or there is none
   * @throws UncheckedIOException if they cannot be written
   */
  public static void write(SparkSession spark, Path scores, int step, List<ScoreRow> rows) {
    if (rows.isEmpty() || rows.stream().anyMatch(row -> row.step() != step)) {
      throw new IllegalArgumentException("rows of step " + step + " expected: " + rows);
    }
    Path target = new Path(scores, RunFolder.ofStep(step));
    try {
      write(
          spark,
          fileSystem(spark, scores),
          target,
          rows.stream().map(ScoreTable::toRow).toList(),
          COLUMNS);
    } catch (IOException e) {
      throw new UncheckedIOException("The scores " + target + " could not be written", e);
    }
  }

  /**
   * The scores of all steps, by step, task, split and metric; none where there is no such folder or
   * nothing in it.
   *
   * @param scores the folder of all steps
   * @throws InputException if a row lacks a value or has an impossible one
   */
  public static List<ScoreRow> read(SparkSession spark, Path scores) {
    try {
      FileSystem files = fileSystem(spark, scores);
      if (!files.exists(scores)
          || Arrays.stream(files.listStatus(scores))
              .noneMatch(child -> child.getPath().getName().startsWith(RunFolder.STEP + "="))) {
        return List.of();
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The scores " + scores + " could not be read", e);
    }
    return StoredRows.read(
            spark, scores, TABLE, "Delete the folder of the damaged step and evaluate it again.")
        .stream()
        .map(
            row -> {
              requireWhole(row, TABLE, scores);
              return fromRow(row, row.getInt(COLUMNS.size()));
            })
        .sorted(
            Comparator.comparingInt(ScoreRow::step)
                .thenComparing(ScoreRow::evaluatedTask)
                .thenComparing(ScoreRow::split)
                .thenComparing(ScoreRow::metric))
        .toList();
  }

  static void write(
      SparkSession spark, FileSystem files, Path target, List<Row> rows, StructType columns)
      throws IOException {
    // A session of its own for a setting that cannot be given to one write.
    SparkSession session = spark.newSession();
    session.conf().set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS");
    ParquetFolder.write(files, session.createDataFrame(rows, columns).coalesce(1), target);
  }

  private static FileSystem fileSystem(SparkSession spark, Path path) throws IOException {
    return path.getFileSystem(spark.sessionState().newHadoopConf());
  }

  static Row toRow(ScoreRow row) {
    return RowFactory.create(
        row.runId(),
        row.method(),
        row.seed(),
        row.learntTask(),
        row.evaluatedTask(),
        row.split(),
        row.metric(),
        row.value(),
        row.examples(),
        row.blockHash(),
        Timestamp.from(row.createdAt()));
  }

  static void requireWhole(Row row, StructType columns, Path scores) {
    for (int i = 0; i < row.size(); i++) {
      if (row.isNullAt(i)) {
        throw new InputException(
            "A row of %s has no %s, every column is expected: %s. Delete the folder of its step and evaluate it again."
                .formatted(scores, columns.apply(i).name(), row));
      }
    }
  }

  static ScoreRow fromRow(Row row, int step) {
    return new ScoreRow(
        row.getString(0),
        row.getString(1),
        row.getLong(2),
        step,
        row.getString(3),
        row.getString(4),
        row.getString(5),
        row.getString(6),
        row.getDouble(7),
        row.getLong(8),
        row.getString(9),
        row.getTimestamp(10).toInstant());
  }
}
