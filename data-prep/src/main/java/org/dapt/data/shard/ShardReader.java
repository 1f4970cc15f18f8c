package org.dapt.data.shard;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.schema.MessageType;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.InputException;

/**
 * Reads one shard file without a Spark session, one row group in memory at a time. Not safe for use
 * by several threads.
 *
 * <p>Size and number of rows are compared with the manifest when the file is opened, checksums of
 * pages when they are read. Whatever goes wrong is an {@link InputException} that names the file
 * and says how to get a sound one.
 */
public final class ShardReader implements AutoCloseable {
  private final Path file;
  private final MessageType projection;
  private final ParquetFileReader reader;
  private final MessageColumnIO columns;

  private ShardReader(Path file, MessageType projection, ParquetFileReader reader) {
    this.file = file;
    this.projection = projection;
    this.reader = reader;
    reader.setRequestedSchema(projection);
    var meta = reader.getFileMetaData();
    columns =
        new ColumnIOFactory(meta.getCreatedBy()).getColumnIO(projection, meta.getSchema(), true);
  }

  /**
   * Opens a shard.
   *
   * @param folder folder of the prepared task
   * @param shard the shard as the manifest has it
   * @param projection the columns to read
   * @throws InputException if the file is missing, is not Parquet, or is not what the manifest says
   */
  public static ShardReader open(
      Configuration hadoop, Path folder, TaskManifest.Shard shard, Projection projection) {
    var file = new Path(folder, shard.file());
    ParquetFileReader parquet = null;
    try {
      var input = HadoopInputFile.fromPath(file, hadoop);
      if (input.getLength() != shard.bytes()) {
        throw damaged(
            file,
            "it has %d bytes, the manifest says %d".formatted(input.getLength(), shard.bytes()),
            null);
      }
      parquet =
          ParquetFileReader.open(
              input, HadoopReadOptions.builder(hadoop).usePageChecksumVerification(true).build());
      if (parquet.getRecordCount() != shard.rows()) {
        throw damaged(
            file,
            "it has %d rows, the manifest says %d"
                .formatted(parquet.getRecordCount(), shard.rows()),
            null);
      }
      var found = parquet.getFileMetaData().getSchema();
      var columns = ShardSchema.of(projection, found);
      checkColumns(file, found, columns);
      var opened = new ShardReader(file, columns, parquet);
      parquet = null;
      return opened;
    } catch (FileNotFoundException e) {
      throw missing(hadoop, file, e);
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw damaged(file, e.getMessage(), e);
    } finally {
      closeAfterFailure(parquet);
    }
  }

  private static InputException missing(
      Configuration hadoop, Path file, FileNotFoundException failure) {
    try {
      ReadableFile.requireMissing(file.getFileSystem(hadoop), file, failure);
    } catch (IOException e) {
      // Nothing is wrong with the shard.
      throw new UncheckedIOException("The shard " + e.getMessage(), e);
    }
    return damaged(file, "it does not exist", failure);
  }

  /** How many rows the shard has. */
  public long rows() {
    return reader.getRecordCount();
  }

  /** How many row groups the shard has. */
  public int rowGroups() {
    return reader.getRowGroups().size();
  }

  /**
   * The rows of row group {@code group} in their stored order.
   *
   * @throws InputException if the file is damaged
   */
  public List<TokenisedExample> readRowGroup(int group) {
    try {
      var pages = reader.readRowGroup(group);
      var rows = new ArrayList<TokenisedExample>(Math.toIntExact(pages.getRowCount()));
      var records = columns.getRecordReader(pages, new ExampleMaterializer(projection));
      for (var i = 0L; i < pages.getRowCount(); i++) {
        rows.add(records.read());
      }
      return rows;
    } catch (IOException | RuntimeException e) {
      throw damaged(file, "row group %d: %s".formatted(group, e.getMessage()), e);
    }
  }

  /** Hands every row to {@code action} in the stored order, by rising index. */
  public void forEach(Consumer<? super TokenisedExample> action) {
    for (var group = 0; group < rowGroups(); group++) {
      readRowGroup(group).forEach(action);
    }
  }

  /** All rows at once: for shards that are known to be small. */
  public List<TokenisedExample> readAll() {
    var rows = new ArrayList<TokenisedExample>(Math.toIntExact(rows()));
    forEach(rows::add);
    return rows;
  }

  @Override
  public void close() {
    try {
      reader.close();
    } catch (IOException e) {
      throw damaged(file, e.getMessage(), e);
    }
  }

  private static void checkColumns(Path file, MessageType found, MessageType projection) {
    // Parquet itself would read a column that is not there as empty.
    for (var column : projection.getFields()) {
      var name = column.getName();
      if (!found.containsField(name) || !found.getType(name).equals(column)) {
        throw damaged(
            file,
            "the column %s is %s, expected %s"
                .formatted(
                    name, found.containsField(name) ? found.getType(name) : "missing", column),
            null);
      }
    }
  }

  private static void closeAfterFailure(ParquetFileReader reader) {
    try {
      if (reader != null) {
        reader.close();
      }
    } catch (IOException e) {
      throw new IllegalStateException("A file that was only read could not be closed", e);
    }
  }

  private static InputException damaged(Path file, String found, Throwable cause) {
    return new InputException(
        "The shard %s cannot be used: %s. Delete the task's folder %s and run prepare again."
            .formatted(file, found, file.getParent().getParent()),
        cause);
  }
}
