package org.dapt.jinja;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Values as Python's {@code str}, {@code repr} and {@code json.dumps} write them. */
final class Written {
  private Written() {}

  /** As {@code str}. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    return value instanceof Undefined ? "" : literal(value);
  }

  /** As {@code repr}. */
  static String literal(Object value) {
    if (value instanceof String text) {
      return quoted(text);
    }
    if (value instanceof Boolean truth) {
      return truth ? "True" : "False";
    }
    if (value instanceof Double number) {
      return number(number);
    }
    if (value instanceof List<?> list) {
      return list.stream().map(Written::literal).collect(Collectors.joining(", ", "[", "]"));
    }
    if (value instanceof Map<?, ?> map) {
      return map.entrySet().stream()
          .map(entry -> literal(entry.getKey()) + ": " + literal(entry.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    }
    if (value == None.NONE) {
      return "None";
    }
    if (value instanceof Long) {
      return value.toString();
    }
    if (value instanceof Undefined) {
      return "Undefined";
    }
    throw new JinjaException(Values.kind(value) + " cannot be written as text");
  }

  private static String quoted(String text) {
    char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder quoted = new StringBuilder().append(quote);
    for (int point : text.codePoints().toArray()) {
      switch (point) {
        case '\n' -> quoted.append("\\n");
        case '\r' -> quoted.append("\\r");
        case '\t' -> quoted.append("\\t");
        case '\\' -> quoted.append("\\\\");
        default -> {
          if (point == quote) {
            quoted.append('\\').append(quote);
          } else if (point < 0x20 || point == 0x7f) {
            quoted.append("\\x%02x".formatted(point));
          } else {
            quoted.appendCodePoint(point);
          }
        }
      }
    }
    return quoted.append(quote).toString();
  }

  /** The shortest digits that say it, with an exponent below 1e-4 and from 1e16 on. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    double size = Math.abs(value);
    if (size != 0 && (size < 1e-4 || size >= 1e16)) {
      String written = Double.toString(value);
      int mark = written.indexOf('E');
      int exponent = Integer.parseInt(written.substring(mark + 1));
      String digits = written.substring(0, mark).replaceFirst("\\.0$", "");
      return "%se%s%02d".formatted(digits, exponent < 0 ? "-" : "+", Math.abs(exponent));
    }
    String plain = new BigDecimal(Double.toString(value)).toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }
}
