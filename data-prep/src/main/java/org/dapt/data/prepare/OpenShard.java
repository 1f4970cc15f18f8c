package org.dapt.data.prepare;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.hadoop.ParquetWriter;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.ExampleWriter;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.tokenizer.EncodedText;

/** A shard that is being written; until {@link #publish} it has a temporary name. */
final class OpenShard implements AutoCloseable {
  private final Split split;
  private final int shard;
  private final FileSystem files;
  private final Path target;
  private final Path temporary;
  private final ParquetWriter<TokenisedExample> writer;
  private final ShardTally tally;

  /**
   * Begins an empty one.
   *
   * @param folder of the task
   * @param instructed whether there is a column for instructions of the rows' own
   * @param tally counts its rows
   */
  OpenShard(
      Configuration hadoop,
      Path folder,
      Split split,
      int shard,
      boolean instructed,
      ShardTally tally)
      throws IOException {
    this.split = split;
    this.shard = shard;
    this.tally = tally;
    target = new Path(folder, Shard.file(split, shard));
    files = target.getFileSystem(hadoop);
    temporary = AtomicFile.temporaryFor(target);
    writer = ExampleWriter.create(hadoop, temporary, instructed);
  }

  /** Rows so far. */
  long rows() {
    return tally.rows();
  }

  void write(TokenisedExample row, EncodedText source, EncodedText answer) throws IOException {
    writer.write(row);
    tally.add(row, source, answer);
  }

  /** Gives it its name, in place of one that may be there. */
  WrittenShard publish() throws IOException {
    writer.close();
    long bytes = files.getFileStatus(temporary).getLen();
    String sha256 = FileDigest.sha256(files, temporary);
    AtomicFile.publish(files, temporary, target);
    return new WrittenShard(split, shard, bytes, sha256, tally);
  }

  /** Leaves nothing behind but what was published. */
  @Override
  public void close() throws IOException {
    try {
      writer.close();
    } finally {
      files.delete(temporary, false);
    }
  }
}
