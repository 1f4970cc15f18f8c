package org.dapt.data.rows;

import java.io.FilterReader;
import java.io.IOException;
import java.io.Reader;
import org.dapt.error.InputException;

/**
 * Refuses values that begin with a quote and go on over lines until something else than a separator
 * follows a quote, or to the end: a quote that is only a part of a text has swallowed the rows
 * behind it. Within a line such a value is one text with its quotes.
 */
final class QuoteCheck extends FilterReader {
  private final char separator;
  private final String file;
  private State state = State.START;
  private long line = 1;
  private long begun;
  private boolean afterReturn;

  private enum State {
    /** Before a value. */
    START,
    /** In a value without quotes around it. */
    PLAIN,
    /** Between the quotes of one. */
    QUOTED,
    /** Behind a quote in one: it ends, or the quote is doubled. */
    QUOTE,
    /** Behind its end, in front of white space. */
    ENDED
  }

  /**
   * @param separator between values
   * @param file its URI
   */
  QuoteCheck(Reader text, char separator, String file) {
    super(text);
    this.separator = separator;
    this.file = file;
  }

  @Override
  public int read() throws IOException {
    char[] one = new char[1];
    return read(one, 0, 1) < 0 ? -1 : one[0];
  }

  @Override
  public int read(char[] into, int offset, int length) throws IOException {
    int count = super.read(into, offset, length);
    if (count < 0 && state == State.QUOTED) {
      throw swallows("to the end of the file");
    }
    for (int i = offset; i < offset + count; i++) {
      look(into[i]);
    }
    return count;
  }

  private void look(char next) {
    boolean end = next == '\n' || next == '\r';
    line += end && !(next == '\n' && afterReturn) ? 1 : 0;
    afterReturn = next == '\r';
    switch (state) {
      case START, PLAIN -> state = end || next == separator ? State.START : inLine(next);
      case QUOTED -> state = next == '"' ? State.QUOTE : State.QUOTED;
      case QUOTE, ENDED -> state = end || next == separator ? State.START : behindQuote(next);
    }
  }

  private State inLine(char next) {
    if (state == State.START && next == '"') {
      begun = line;
      return State.QUOTED;
    }
    return State.PLAIN;
  }

  private State behindQuote(char next) {
    if (state == State.QUOTE && next == '"') {
      return State.QUOTED;
    }
    if (next <= ' ') {
      return State.ENDED;
    }
    if (line > begun) {
      throw swallows("to a quote in line %d that '%s' follows".formatted(line, next));
    }
    return State.PLAIN;
  }

  private InputException swallows(String to) {
    return new InputException(
        "%s: line %d has a value that begins with a quote and goes on %s: expected a quote at its end and doubled quotes in it. Correct the line; if no value of the file is meant to be quoted, double every quote and put the values between quotes."
            .formatted(file, begun, to));
  }
}
