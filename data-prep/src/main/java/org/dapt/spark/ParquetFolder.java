package org.dapt.spark;

import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.dapt.data.file.AtomicFile;

/** Tables as folders of Parquet files that appear under their name whole or not at all. */
public final class ParquetFolder {
  private ParquetFolder() {}

  /**
   * Writes {@code rows} as the folder {@code target}, in place of what may be there.
   *
   * <p>One writer at a time: what a dead one left beside {@code target} is removed.
   */
  public static void write(FileSystem files, Dataset<Row> rows, Path target) throws IOException {
    Path temporary = temporary(target);
    try {
      save(rows.write(), temporary);
      replace(files, temporary, target);
    } finally {
      files.delete(temporary, true);
    }
  }

  /**
   * Writes each group of {@code rows} as a folder of its own, in place of what may be there, all by
   * one job of Spark. Each folder appears whole or not at all.
   *
   * <p>One writer at a time, as above.
   *
   * @param group a column of whole numbers, which is left out; rows of a group come from one
   *     partition if they are to be in one file
   * @param targets by number of the group, not empty; in one parent folder. A target without rows
   *     is left as it is
   */
  public static void writeGroups(
      FileSystem files, Dataset<Row> rows, String group, Map<Integer, Path> targets)
      throws IOException {
    Path temporary = temporary(targets.values().iterator().next());
    try {
      save(rows.write().partitionBy(group), temporary);
      for (Map.Entry<Integer, Path> target : targets.entrySet()) {
        Path written = new Path(temporary, group + "=" + target.getKey());
        if (files.exists(written)) {
          replace(files, written, target.getValue());
        }
      }
    } finally {
      files.delete(temporary, true);
    }
  }

  /** Readers of Parquet pass over names that start with a dot. */
  private static Path temporary(Path target) {
    return new Path(target.getParent(), "." + target.getName() + AtomicFile.SUFFIX);
  }

  private static void save(DataFrameWriter<Row> writer, Path target) {
    writer
        .mode(SaveMode.Overwrite)
        .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
        .parquet(target.toString());
  }

  private static void replace(FileSystem files, Path written, Path target) throws IOException {
    files.delete(target, true);
    if (!files.rename(written, target)) {
      throw new IOException("The folder " + written + " could not be renamed to " + target);
    }
  }
}
