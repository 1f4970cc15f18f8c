package org.dapt.sink;

import java.io.IOException;
import java.io.OutputStream;
import org.apache.hadoop.fs.FSDataOutputStream;

/** Files that others read while they grow. */
final class SinkFile {
  private SinkFile() {}

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
