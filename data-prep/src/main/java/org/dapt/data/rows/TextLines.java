package org.dapt.data.rows;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.dapt.error.InputException;

/** The lines of a text, none of which may take all the memory there is. */
final class TextLines {
  /** Bytes of a line. */
  private static final int LONGEST = 1 << 26;

  private static final int[] MARK = {0xef, 0xbb, 0xbf};

  private final InputStream text;
  private final String file;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream(1 << 10);
  private long number;

  /**
   * @param text buffered
   */
  TextLines(InputStream text, String file) {
    this.text = text;
    this.file = file;
  }

  /** Skips the mark of the byte order, which editors on Windows put in front. */
  static void passMark(BufferedInputStream text) throws IOException {
    text.mark(MARK.length);
    for (int expected : MARK) {
      if (text.read() != expected) {
        text.reset();
        return;
      }
    }
  }

  /** Goes to the next line; returns whether there is one. */
  boolean next() throws IOException {
    line.reset();
    int next = text.read();
    if (next < 0) {
      return false;
    }
    number++;
    while (next >= 0 && next != '\n') {
      if (line.size() == LONGEST) {
        throw new InputException(
            "%s: line %d is longer than %d MiB. Is it JSON with an object a line?"
                .formatted(file, number, LONGEST >> 20));
      }
      line.write(next);
      next = text.read();
    }
    return true;
  }

  /** The number of the line, from 1. */
  long number() {
    return number;
  }

  /** Whether the line has nothing but white space. */
  boolean isBlank() {
    return line.toString(StandardCharsets.ISO_8859_1).isBlank();
  }

  /**
   * The line without its end.
   *
   * @throws CharacterCodingException if it is not UTF-8
   */
  String text() throws CharacterCodingException {
    return StandardCharsets.UTF_8
        .newDecoder()
        .decode(ByteBuffer.wrap(line.toByteArray()))
        .toString();
  }
}
