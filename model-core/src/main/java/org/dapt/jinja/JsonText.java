package org.dapt.jinja;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The filter {@code tojson} as Transformers has it: {@code json.dumps} without escapes for HTML.
 */
final class JsonText {
  private final String indent;
  private final boolean ascii;
  private final boolean sorted;
  private final StringBuilder out = new StringBuilder();

  private JsonText(String indent, boolean ascii, boolean sorted) {
    this.indent = indent;
    this.ascii = ascii;
    this.sorted = sorted;
  }

  /**
   * {@code value} as JSON.
   *
   * @param indent of a level; null to write all in one line
   */
  static String of(Object value, String indent, boolean ascii, boolean sorted) {
    JsonText json = new JsonText(indent, ascii, sorted);
    json.write(value, "\n");
    return json.out.toString();
  }

  private void write(Object value, String line) {
    if (value instanceof String text) {
      quoted(text);
    } else if (value instanceof List<?> list) {
      String inner = indent == null ? "" : line + indent;
      out.append('[');
      for (int i = 0; i < list.size(); i++) {
        out.append(separator(i)).append(inner);
        write(list.get(i), inner);
      }
      out.append(indent == null || list.isEmpty() ? "" : line).append(']');
    } else if (value instanceof Map<?, ?> map) {
      object(map, line);
    } else if (value instanceof Double number) {
      out.append(
          number.isNaN()
              ? "NaN"
              : number.isInfinite()
                  ? (number > 0 ? "Infinity" : "-Infinity")
                  : Written.number(number));
    } else if (value instanceof Long || value instanceof Boolean) {
      out.append(value);
    } else if (value == None.NONE) {
      out.append("null");
    } else {
      throw new JinjaException(Values.kind(value) + " cannot be written as JSON");
    }
  }

  private void object(Map<?, ?> map, String line) {
    String inner = indent == null ? "" : line + indent;
    Map<String, Object> entries = new java.util.LinkedHashMap<>();
    map.forEach(
        (key, value) ->
            entries.put(
                key instanceof String name ? name : JsonText.of(key, null, false, false), value));
    int i = 0;
    out.append('{');
    for (Map.Entry<String, Object> entry : (sorted ? new TreeMap<>(entries) : entries).entrySet()) {
      out.append(separator(i++)).append(inner);
      quoted(entry.getKey());
      out.append(": ");
      write(entry.getValue(), inner);
    }
    out.append(indent == null || entries.isEmpty() ? "" : line).append('}');
  }

  private String separator(int index) {
    return index == 0 ? "" : indent == null ? ", " : ",";
  }

  private void quoted(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < 0x20 || (ascii && c > 0x7e)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
