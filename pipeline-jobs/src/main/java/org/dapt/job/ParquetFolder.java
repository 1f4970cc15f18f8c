package org.dapt.job;

import java.io.IOException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.dapt.data.file.AtomicFile;

/** Tables as folders of Parquet files that appear under their name whole or not at all. */
final class ParquetFolder {
  private ParquetFolder() {}

  /**
   * Writes {@code rows} as the folder {@code target}, in place of what may be there.
   *
   * @param partitions columns that become folders {@code column=value}
   */
  static void write(FileSystem files, Dataset<Row> rows, Path target, String... partitions)
      throws IOException {
    Path temporary = AtomicFile.temporaryFor(target);
    try {
      rows.write().partitionBy(partitions).parquet(temporary.toString());
      files.delete(target, true);
      if (!files.rename(temporary, target)) {
        throw new IOException("The folder " + temporary + " could not be renamed to " + target);
      }
    } finally {
      files.delete(temporary, true);
    }
  }
}
