package org.dapt.data.reader;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The few lines that Git puts in place of a file that is kept by its extension LFS. */
final class LfsPointer {
  private static final byte[] BEGINNING =
      "version https://git-lfs.github.com/spec/".getBytes(StandardCharsets.US_ASCII);

  private LfsPointer() {}

  /** Whether {@code in} begins like one; nothing is taken from it. */
  static boolean begins(BufferedInputStream in) throws IOException {
    in.mark(BEGINNING.length);
    var first = in.readNBytes(BEGINNING.length);
    in.reset();
    return Arrays.equals(first, BEGINNING);
  }
}
