package org.dapt.data.rows;

import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import org.dapt.error.InputException;

/** A way in which files hold rows. */
public interface Rows {
  /** What {@link RowSink} counts: {@code line} or {@code row}. */
  String unit();

  /**
   * Hands the rows of a file to {@code sink}, one in memory at a time.
   *
   * @param content the uncompressed bytes; the caller closes the stream
   * @param file its URI
   * @param wanted names of the fields that are asked for, where others may be left out; null for
   *     all of them
   * @throws InputException if the file as a whole is not of this kind
   * @throws IOException if the stream cannot be read, or from the sink
   */
  void read(InputStream content, String file, Set<String> wanted, RowSink sink) throws IOException;
}
