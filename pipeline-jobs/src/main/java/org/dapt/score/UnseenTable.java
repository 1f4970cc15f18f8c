package org.dapt.score;

import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.spark.StoredRows;

/**
 * The scores on a set of unseen tasks as Parquet: the columns of {@link ScoreTable} and the
 * category of the task, one folder {@code step=NNNN} for each step.
 */
public final class UnseenTable {
  /** The category of the evaluated task. */
  public static final String CATEGORY = "category";

  /** The columns in the files. */
  public static final StructType COLUMNS = ScoreTable.COLUMNS.add(CATEGORY, DataTypes.StringType);

  private UnseenTable() {}

  /**
   * Writes the scores of one step, in the place of those that may be there, all at once.
   *
   * @param folder of the step
   * @param scores at least one
   */
  public static void write(
      SparkSession spark, FileSystem files, Path folder, List<UnseenScore> scores)
      throws IOException {
    ScoreTable.write(
        spark,
        files,
        folder,
        scores.stream()
            .map(
                score ->
                    RowFactory.create(
                        IntStream.range(0, COLUMNS.size())
                            .mapToObj(
                                i ->
                                    i < ScoreTable.COLUMNS.size()
                                        ? ScoreTable.toRow(score.score()).get(i)
                                        : score.category())
                            .toArray()))
            .toList(),
        COLUMNS);
  }

  /**
   * The scores of one step, by category, task and metric.
   *
   * @param folder of the step
   * @param step which one that is
   * @throws InputException if the table is damaged, a row lacks a value or has an impossible one
   */
  public static List<UnseenScore> read(SparkSession spark, Path folder, int step) {
    return StoredRows.read(
            spark, folder, COLUMNS, "Delete the folder of the damaged step and evaluate it again.")
        .stream()
        .map(row -> fromRow(row, folder, step))
        .sorted(
            Comparator.comparing(UnseenScore::category)
                .thenComparing(score -> score.score().evaluatedTask())
                .thenComparing(score -> score.score().metric()))
        .toList();
  }

  private static UnseenScore fromRow(Row row, Path folder, int step) {
    ScoreTable.requireWhole(row, COLUMNS, folder);
    return new UnseenScore(row.getString(ScoreTable.COLUMNS.size()), ScoreTable.fromRow(row, step));
  }
}
