package org.dapt.sink;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** Files that others read while they grow. */
final class SinkFile {
  private SinkFile() {}

  /** The file system of {@code path}; the local one without files of checksums, which hold back. */
  static FileSystem system(Path path, Configuration hadoop) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
  }

  /**
   * Writes {@code bytes} in one go, so that lines of two processes do not mix, for others to see.
   */
  static void write(OutputStream out, byte[] bytes) throws IOException {
    out.write(bytes);
    if (out instanceof FSDataOutputStream hadoop) {
      hadoop.hflush();
    } else {
      out.flush();
    }
  }
}
