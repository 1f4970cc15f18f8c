package org.dapt.predict;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;

/**
 * Deals rows to {@link InputPart}s. The name of a part says where its rows come from, so that a
 * second attempt of a Spark task writes the same files.
 */
final class InputPartWriter implements AutoCloseable {
  /** What a decoder of UTF-8 writes for bytes that it cannot read. */
  private static final char REPLACEMENT = '\ufffd';

  private final FileSystem files;
  private final Path folder;
  private final int partRows;
  private final List<InputPart> finished = new ArrayList<>();

  private int file = -1;
  private long start;
  private int number;

  /** Of the part that is being written; out is null between two. */
  private OutputStream out;

  private Path temporary;
  private long rows;
  private long bare;
  private long replaced;
  private long bad;
  private String firstBad;

  InputPartWriter(Configuration hadoop, Path folder, int partRows) throws IOException {
    this.files = folder.getFileSystem(hadoop);
    this.folder = folder;
    this.partRows = partRows;
  }

  /**
   * Appends a row.
   *
   * @param fromFile which of the input's files it comes from
   * @param fromStart where in the file the split begins that is being read
   */
  void write(int fromFile, long fromStart, InputRow row) throws IOException {
    if (fromFile != file || fromStart != start) {
      endPart();
      file = fromFile;
      start = fromStart;
      number = 0;
    }
    if (out == null) {
      temporary = AtomicFile.temporaryFor(target());
      out = files.create(temporary, false);
      rows = 0;
      bare = 0;
      replaced = 0;
      bad = 0;
      firstBad = null;
    }
    out.write(InputPart.JSON.writeValueAsBytes(row));
    out.write('\n');
    bare += row.instruction() == null && row.messages().isEmpty() ? 1 : 0;
    replaced += row.input() != null && row.input().indexOf(REPLACEMENT) >= 0 ? 1 : 0;
    if (row.problem() != null) {
      bad++;
      firstBad = firstBad == null ? row.problem() : firstBad;
    }
    rows++;
    if (rows == partRows) {
      endPart();
    }
  }

  /** Ends the last part; returns all. */
  List<InputPart> finish() throws IOException {
    endPart();
    return finished;
  }

  private Path target() {
    return new Path(
        folder, String.format(Locale.ROOT, "%07d-%015d-%07d.jsonl", file, start, number));
  }

  private void endPart() throws IOException {
    if (out == null) {
      return;
    }
    out.close();
    out = null;
    Path target = target();
    AtomicFile.publish(files, temporary, target);
    finished.add(new InputPart(target.getName(), rows, bare, replaced, bad, firstBad));
    number++;
  }

  /** Removes what was not finished. */
  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
      files.delete(temporary, false);
    }
  }
}
