package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.List;
import org.dapt.compare.outcome.ShownTable.Head;
import org.dapt.compare.outcome.ShownTable.Shown;

/** An outcome as Markdown, whose tables can also be read in a terminal. */
final class MarkdownText {
  private MarkdownText() {}

  /** A document of {@code tables} below {@code title}. */
  static String of(String title, List<String> notes, List<ShownTable> tables) {
    StringBuilder text = new StringBuilder("# ").append(escaped(title)).append("\n");
    for (String note : notes) {
      text.append('\n').append(escaped(note)).append('\n');
    }
    tables.forEach(table -> append(text, table));
    return text.toString();
  }

  private static void append(StringBuilder text, ShownTable table) {
    text.append("\n## ").append(escaped(table.caption())).append("\n\n");
    List<List<String>> lines = new ArrayList<>();
    lines.add(table.heads().stream().map(Head::title).map(MarkdownText::escaped).toList());
    for (List<Shown> row : table.rows()) {
      lines.add(row.stream().map(MarkdownText::cell).toList());
    }
    int[] widths = new int[table.heads().size()];
    for (List<String> line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], Math.max(3, line.get(i).length()));
      }
    }
    for (int l = 0; l < lines.size(); l++) {
      line(text, lines.get(l), widths);
      if (l == 0) {
        text.append('|');
        for (int width : widths) {
          text.append(' ').append("-".repeat(width)).append(" |");
        }
        text.append('\n');
      }
    }
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths) {
    text.append('|');
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      text.append(' ').append(cell).append(" ".repeat(widths[i] - cell.length())).append(" |");
    }
    text.append('\n');
  }

  private static String cell(Shown shown) {
    String text = escaped(shown.text());
    return shown.best() ? "**" + text + "**" : text;
  }

  /** What would be taken for Markdown or HTML stands for itself. */
  static String escaped(String text) {
    return text.replaceAll("\\s*\\R\\s*", " ")
        .replaceAll("([\\\\`*_\\[\\]<>|#~])", "\\\\$1")
        .replace("&", "&amp;");
  }
}
