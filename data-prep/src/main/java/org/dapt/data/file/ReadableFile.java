package org.dapt.data.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files that are opened to be read, where it matters whether one is missing. Java says {@link
 * FileNotFoundException} whenever a local file cannot be opened, also for want of file descriptors
 * or of the right to read it; taken at its word, it leads to advice that loses what is there.
 */
public final class ReadableFile {
  private ReadableFile() {}

  /**
   * Opens {@code file}.
   *
   * @throws FileNotFoundException if there is no such file
   * @throws IOException if there is one that cannot be opened, or its file system fails
   */
  public static FSDataInputStream open(FileSystem files, Path file) throws IOException {
    try {
      return files.open(file);
    } catch (FileNotFoundException e) {
      requireMissing(files, file, e);
      throw e;
    }
  }

  /**
   * Returns if {@code file} is missing, as {@code failure} says.
   *
   * @throws IOException if it is there: {@code failure} has another reason then
   */
  public static void requireMissing(FileSystem files, Path file, FileNotFoundException failure)
      throws IOException {
    if (files.exists(file) && files.getFileStatus(file).isFile()) {
      throw new IOException(file + " could not be opened: " + failure.getMessage(), failure);
    }
  }
}
