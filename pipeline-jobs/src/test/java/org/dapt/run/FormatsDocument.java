package org.dapt.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.StructType;

/** A section of {@code docs/formats.md}. */
public record FormatsDocument(String text) {
  private static final Pattern CODE = Pattern.compile("`([^`\n]+)`");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| (`.*?) \\| ([^|]*?) \\|");

  /** The section below {@code heading}, without those below it of the same or a higher level. */
  public static FormatsDocument section(String heading) {
    try {
      var all = Files.readString(Path.of(System.getProperty("dapt.home"), "docs/formats.md"));
      int start = all.indexOf("\n" + heading + "\n");
      if (start < 0) {
        throw new AssertionError("docs/formats.md has no " + heading);
      }
      int end = all.indexOf("\n#", start + heading.length());
      return new FormatsDocument(all.substring(start, end < 0 ? all.length() : end));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From {@code first} on, up to the first {@code last} after it. */
  public FormatsDocument between(String first, String last) {
    int start = text.indexOf(first);
    return new FormatsDocument(text.substring(start, text.indexOf(last, start)));
  }

  /** Everything in the type of code, in order. */
  public List<String> code() {
    return CODE.matcher(text).results().map(match -> match.group(1)).toList();
  }

  /** The names in the first column of its tables, in order. */
  public List<String> names() {
    return ROW.matcher(text)
        .results()
        .flatMap(row -> new FormatsDocument(row.group(1)).code().stream())
        .toList();
  }

  /** The first and second columns of its tables, as {@code name type}. */
  public List<String> typed() {
    return ROW.matcher(text)
        .results()
        .map(row -> row.group(1).replace("`", "") + " " + row.group(2))
        .toList();
  }

  /** {@code columns} as {@link #typed} would give them. */
  public static List<String> typed(StructType columns) {
    List<String> typed = new ArrayList<>();
    for (var column : columns.fields()) {
      var type =
          switch (column.dataType().typeName()) {
            case "integer" -> "int";
            case "map" -> "map of string to double";
            default -> column.dataType().typeName();
          };
      typed.add(column.name() + " " + type);
    }
    return typed;
  }
}
