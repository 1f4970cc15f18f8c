package org.dapt.predict;

import java.io.IOException;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.dapt.error.ConfigException;
import org.dapt.spark.LiteralPaths;

/** How predictions are written. */
public enum OutputFormat {
  /** Parquet files. */
  PARQUET {
    @Override
    PredictionWriter create(Configuration hadoop, Path file) throws IOException {
      return new ParquetPredictions(hadoop, file);
    }

    @Override
    Dataset<Row> read(SparkSession spark, Path folder) {
      return LiteralPaths.reader(spark).parquet(folder.toString());
    }
  },
  /** Files with a JSON object a line. */
  JSONL {
    @Override
    PredictionWriter create(Configuration hadoop, Path file) throws IOException {
      return new JsonPredictions(hadoop, file);
    }

    @Override
    Dataset<Row> read(SparkSession spark, Path folder) {
      return LiteralPaths.reader(spark).schema(AnswerTable.COLUMNS).json(folder.toString());
    }
  };

  /** The format that an option names. */
  public static OutputFormat named(String name) {
    for (OutputFormat format : values()) {
      if (format.text().equals(name)) {
        return format;
      }
    }
    throw new ConfigException("--format is %s, expected parquet or jsonl.".formatted(name));
  }

  /** As options and the ends of names have it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** A writer to {@code file}, which must not exist yet. */
  abstract PredictionWriter create(Configuration hadoop, Path file) throws IOException;

  /** All predictions in {@code folder}. */
  abstract Dataset<Row> read(SparkSession spark, Path folder);
}
