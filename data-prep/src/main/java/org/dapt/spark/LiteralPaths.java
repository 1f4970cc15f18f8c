package org.dapt.spark;

import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.SparkSession;

/**
 * Reading of paths as they are. Spark takes brackets, braces, stars and question marks in a path
 * for a pattern: the folder {@code run[1]} would be read as {@code run1}, another run's.
 */
public final class LiteralPaths {
  /** An option of Spark's file sources, by which its catalog reads the paths of tables. */
  private static final String PATTERNS = "__globPaths__";

  private LiteralPaths() {}

  /** A reader of paths that are no patterns. */
  public static DataFrameReader reader(SparkSession spark) {
    return spark.read().option(PATTERNS, "false");
  }
}
