package org.dapt.predict;

import com.univocity.parsers.common.TextParsingException;
import com.univocity.parsers.csv.CsvParser;
import com.univocity.parsers.csv.CsvParserSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * The columns of a CSV file, all texts. Spark looks for them by way of Hadoop's patterns: for
 * {@code a[1].csv} it would take the names in {@code a1.csv}, and fail where a folder has a colon.
 */
final class CsvColumns {
  private static final int MOST = 20_480;

  private CsvColumns() {}

  /**
   * Reads the names in the first line of {@code file}, by the parser and the rules that Spark has.
   *
   * @throws InputException if it cannot be read
   */
  static StructType of(Configuration hadoop, Path file) {
    try (InputStream content = open(hadoop, file)) {
      var parser = new CsvParser(settings());
      parser.beginParsing(content, StandardCharsets.UTF_8.name());
      String[] names = parser.parseNext();
      parser.stopParsing();
      return columns(names == null ? new String[0] : names);
    } catch (IOException | TextParsingException e) {
      throw new InputException(
          "%s cannot be read as CSV: %s. Correct the file, or say by --input-format what it is."
              .formatted(file, Shown.of(e.getMessage())),
          e);
    }
  }

  private static InputStream open(Configuration hadoop, Path file) throws IOException {
    var codec = new CompressionCodecFactory(hadoop).getCodec(file);
    var content = file.getFileSystem(hadoop).open(file);
    return codec == null ? content : codec.createInputStream(content);
  }

  private static CsvParserSettings settings() {
    var settings = new CsvParserSettings();
    settings.getFormat().setQuoteEscape('"');
    // No line is a comment.
    settings.getFormat().setComment('\u0000');
    settings.setLineSeparatorDetectionEnabled(true);
    settings.setIgnoreLeadingWhitespaces(false);
    settings.setIgnoreTrailingWhitespaces(false);
    settings.setMaxColumns(MOST);
    settings.setMaxCharsPerColumn(-1);
    return settings;
  }

  /** Columns without a name, and those whose name is there again, get their number as Spark's. */
  private static StructType columns(String[] names) {
    List<String> all = new ArrayList<>();
    var seen = new HashSet<String>();
    var twice = new HashSet<String>();
    for (String name : names) {
      var key = name == null ? "" : name.toLowerCase(Locale.ROOT);
      if (!seen.add(key)) {
        twice.add(key);
      }
    }
    for (int i = 0; i < names.length; i++) {
      String name = names[i];
      if (name == null || name.isEmpty()) {
        all.add("_c" + i);
      } else {
        all.add(twice.contains(name.toLowerCase(Locale.ROOT)) ? name + i : name);
      }
    }
    var columns = new StructType();
    for (String name : all) {
      columns = columns.add(name, DataTypes.StringType);
    }
    return columns;
  }
}
