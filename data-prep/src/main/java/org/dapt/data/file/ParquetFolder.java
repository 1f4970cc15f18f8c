package org.dapt.data.file;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;

/** Tables as folders of Parquet files that appear under their name whole or not at all. */
public final class ParquetFolder {
  private ParquetFolder() {}

  /**
   * Writes {@code rows} as the folder {@code target}, in place of what may be there.
   *
   * <p>One writer at a time: what a dead one left beside {@code target} is removed.
   *
   * @param partitions columns that become folders {@code column=value}
   */
  public static void write(FileSystem files, Dataset<Row> rows, Path target, String... partitions)
      throws IOException {
    // Readers of Parquet pass over names that start with a dot.
    Path temporary = new Path(target.getParent(), "." + target.getName() + AtomicFile.SUFFIX);
    try {
      rows.write()
          .mode(SaveMode.Overwrite)
          .option("mapreduce.fileoutputcommitter.marksuccessfuljobs", "false")
          .partitionBy(partitions)
          .parquet(temporary.toString());
      files.delete(target, true);
      if (!files.rename(temporary, target)) {
        throw new IOException("The folder " + temporary + " could not be renamed to " + target);
      }
    } finally {
      files.delete(temporary, true);
    }
  }
}
