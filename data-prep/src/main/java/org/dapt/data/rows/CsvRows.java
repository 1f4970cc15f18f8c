package org.dapt.data.rows;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.dapt.error.DaptException;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Values with commas between them (RFC 4180) under a line of names. Quotes within quotes are
 * doubled, quoted values may have line breaks. An empty value without quotes is none. A column
 * without a name, as tools write one for the numbers of rows, is passed over.
 */
public final class CsvRows implements Rows {
  private static final int MOST_COLUMNS = 20_480;

  /** Characters of a value: behind a quote that nobody closes, all the rest is one value. */
  private static final int LONGEST = 1 << 24;

  private final char separator;

  /**
   * @param separator between values
   */
  public CsvRows(char separator) {
    this.separator = separator;
  }

  @Override
  public String unit() {
    return "line";
  }

  @Override
  public void read(InputStream content, String file, Set<String> wanted, RowSink sink)
      throws IOException {
    BufferedInputStream text = new BufferedInputStream(content);
    TextLines.passMark(text);
    CsvParser parser = new CsvParser(settings());
    try {
      parser.beginParsing(
          new QuoteCheck(
              new InputStreamReader(
                  text,
                  StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)),
              separator,
              file));
      String[] names = parser.parseNext();
      checkNames(names, file);
      rows(parser, names, sink);
    } catch (TextParsingException e) {
      throw DaptException.in(e)
          .map(RuntimeException.class::cast)
          .orElseGet(() -> unreadable(file, e));
    } catch (IllegalStateException e) {
      // The library wraps what reading fails with.
      if (e.getCause() instanceof CharacterCodingException) {
        throw unreadable(file, e);
      }
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw e;
    } finally {
      parser.stopParsing();
    }
  }

  private static InputException unreadable(String file, RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CharacterCodingException) {
        return new InputException(
            "%s is not text in UTF-8. Convert the file or fetch it again.".formatted(file),
            failure);
      }
    }
    return new InputException(
        "%s cannot be read as CSV: %s. Correct the file, if it is CSV at all."
            .formatted(file, Shown.of(failure.getMessage())),
        failure);
  }

  private static void checkNames(String[] names, String file) {
    Set<String> seen = new HashSet<>();
    for (String name : names == null ? new String[0] : names) {
      if (isNamed(name) && !seen.add(name)) {
        throw new InputException(
            "%s has a column %s that is there twice in its first line: expected each name once. Correct the line."
                .formatted(file, Shown.of(name)));
      }
    }
    if (seen.isEmpty()) {
      throw new InputException(
          "%s has no column with a name: expected names in its first line. Put them there."
              .formatted(file));
    }
  }

  private static boolean isNamed(String name) {
    return name != null && !name.isBlank();
  }

  private static void rows(CsvParser parser, String[] names, RowSink sink) throws IOException {
    boolean goOn = true;
    // Of two characters, a line break is counted only as a whole.
    boolean pairs = parser.getDetectedFormat().getLineSeparator().length == 2;
    long uncounted = 0;
    while (goOn) {
      long line = parser.getContext().currentLine() + 1 + uncounted;
      String[] values = parser.parseNext();
      if (values == null) {
        return;
      }
      uncounted += pairs ? breaks(values) : 0;
      if (values.length != names.length) {
        goOn =
            sink.bad(
                line,
                "it has %d values, the first line has %d names"
                    .formatted(values.length, names.length));
      } else {
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < names.length; i++) {
          if (isNamed(names[i])) {
            row.put(names[i], values[i]);
          }
        }
        goOn = sink.accept(line, row);
      }
    }
  }

  private static long breaks(String[] values) {
    long breaks = 0;
    for (String value : values) {
      for (int i = 0; value != null && i < value.length(); i++) {
        breaks += value.charAt(i) == '\n' && (i == 0 || value.charAt(i - 1) != '\r') ? 1 : 0;
      }
    }
    return breaks;
  }

  private CsvParserSettings settings() {
    CsvParserSettings settings = new CsvParserSettings();
    settings.getFormat().setDelimiter(separator);
    settings.getFormat().setQuoteEscape('"');
    // No line is a comment.
    settings.getFormat().setComment('\u0000');
    settings.setLineSeparatorDetectionEnabled(true);
    settings.setNormalizeLineEndingsWithinQuotes(false);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setEmptyValue("");
    settings.setMaxColumns(MOST_COLUMNS);
    settings.setMaxCharsPerColumn(LONGEST);
    settings.setReadInputOnSeparateThread(false);
    settings.setAutoClosingEnabled(false);
    return settings;
  }
}
