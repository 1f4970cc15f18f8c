package org.dapt.compare.outcome;

import java.util.List;
import java.util.stream.Collectors;

/** A table as comma-separated values (RFC 4180), with line feeds. */
final class CsvText {
  private CsvText() {}

  /** {@code table} with the names of its columns in the first line; nulls are empty. */
  static String of(OutcomeTable table) {
    StringBuilder text = new StringBuilder();
    append(text, table.columns().stream().<Object>map(OutcomeTable.Column::name).toList());
    table.rows().forEach(row -> append(text, row));
    return text.toString();
  }

  private static void append(StringBuilder text, List<Object> row) {
    text.append(row.stream().map(CsvText::field).collect(Collectors.joining(","))).append('\n');
  }

  private static String field(Object value) {
    if (value == null) {
      return "";
    }
    String text = value.toString();
    return text.matches("(?s).*[\",\\r\\n].*") ? '"' + text.replace("\"", "\"\"") + '"' : text;
  }
}
