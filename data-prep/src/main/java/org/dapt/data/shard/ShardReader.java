package org.dapt.data.shard;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.HadoopReadOptions;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.MessageColumnIO;
import org.apache.parquet.schema.MessageType;
import org.dapt.data.file.FileDigest;
import org.dapt.data.file.ReadableFile;
import org.dapt.error.InputException;

/**
 * Reads one shard file without a Spark session, one row group in memory at a time. Not safe for use
 * by several threads.
 *
 * <p>Size and number of rows are compared with the manifest when the file is opened, checksums of
 * pages when they are read. A file that is not what the manifest says is an {@link InputException}
 * that names it and says how to get a sound one. A file system that fails for a while is an {@link
 * UncheckedIOException}: what it holds is sound, and may be asked for again.
 */
public final class ShardReader implements AutoCloseable {
  private final Configuration hadoop;
  private final Path file;
  private final String sha256;
  private final MessageType projection;
  private final ParquetFileReader reader;
  private final MessageColumnIO columns;

  private ShardReader(
      Configuration hadoop,
      Path file,
      String sha256,
      MessageType projection,
      ParquetFileReader reader) {
    this.hadoop = hadoop;
    this.file = file;
    this.sha256 = sha256;
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
   * @throws UncheckedIOException if the file system fails
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
      var opened = new ShardReader(hadoop, file, shard.sha256(), columns, parquet);
      parquet = null;
      return opened;
    } catch (FileNotFoundException e) {
      throw missing(hadoop, file, e);
    } catch (InputException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw unreadable(hadoop, file, shard.sha256(), e.getMessage(), e);
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
   * @throws UncheckedIOException if the file system fails
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
      throw unreadable(
          hadoop, file, sha256, "row group %d: %s".formatted(group, e.getMessage()), e);
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
      throw unreadable(hadoop, file, sha256, e.getMessage(), e);
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

  /**
   * Whether a file is damaged, only its digest tells: Parquet reports what a file system fails at
   * and what a file lacks by the same exceptions.
   */
  private static RuntimeException unreadable(
      Configuration hadoop, Path file, String sha256, String found, Exception failure) {
    if (Stream.<Throwable>iterate(failure, cause -> cause != null, Throwable::getCause)
        .noneMatch(IOException.class::isInstance)) {
      return damaged(file, found, failure);
    }
    try {
      return FileDigest.sha256(file.getFileSystem(hadoop), file).equals(sha256)
          ? notNow(file, found, new IOException(failure))
          : damaged(file, found, failure);
    } catch (ChecksumException e) {
      return damaged(file, found, failure);
    } catch (IOException e) {
      return notNow(file, found, e);
    }
  }

  private static UncheckedIOException notNow(Path file, String found, IOException cause) {
    return new UncheckedIOException(
        "The shard %s cannot be read now: %s".formatted(file, found), cause);
  }

  private static InputException damaged(Path file, String found, Throwable cause) {
    return new InputException(
        "The shard %s cannot be used: %s. Delete the task's folder %s and run prepare again."
            .formatted(file, found, file.getParent().getParent()),
        cause);
  }
}
