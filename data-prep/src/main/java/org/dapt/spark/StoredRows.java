package org.dapt.spark;

import java.util.List;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkException;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;

/** Small tables of a run, read whole. */
public final class StoredRows {
  private StoredRows() {}

  /**
   * All rows of the Parquet files in {@code folder}.
   *
   * @param columns what they must have
   * @param advice what to do where they cannot be read, a sentence
   * @throws InputException if a file is damaged or has columns of other types
   */
  public static List<Row> read(SparkSession spark, Path folder, StructType columns, String advice) {
    return collect(
        () -> LiteralPaths.reader(spark).schema(columns).parquet(folder.toString()),
        folder,
        advice);
  }

  /**
   * The rows of {@code table}.
   *
   * @param table reads the files; that already fails where there are none
   * @param folder where its files lie, for messages
   * @param advice what to do where they cannot be read, a sentence
   * @throws InputException if there are none, one is damaged or has columns of other types
   */
  public static List<Row> collect(Supplier<Dataset<Row>> table, Path folder, String advice) {
    try {
      return table.get().collectAsList();
    } catch (Exception e) {
      // Spark throws both from Java methods that do not declare them.
      if (e instanceof SparkException || e instanceof AnalysisException) {
        throw new InputException(
            "%s cannot be read: %s %s".formatted(folder, reason(e), advice), e);
      }
      throw e;
    }
  }

  private static String reason(Throwable failure) {
    Throwable first = failure;
    while (first.getCause() != null) {
      first = first.getCause();
    }
    return org.dapt.error.Shown.of(SparkFailures.summary(first));
  }
}
