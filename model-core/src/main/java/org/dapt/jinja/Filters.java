package org.dapt.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The filters. */
final class Filters {
  private static final Set<String> KNOWN =
      Set.of(
          "trim",
          "length",
          "count",
          "upper",
          "lower",
          "title",
          "capitalize",
          "join",
          "default",
          "d",
          "first",
          "last",
          "list",
          "string",
          "int",
          "float",
          "replace",
          "tojson",
          "items",
          "dictsort",
          "map",
          "select",
          "reject",
          "selectattr",
          "rejectattr",
          "sort",
          "reverse",
          "unique",
          "sum",
          "min",
          "max",
          "abs",
          "round",
          "indent",
          "safe");

  private static final long DECIMAL = 10;
  private static final long WIDEST = 1000;

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:D(?:\\.D?)?|\\.D)(?:[eE][+-]?D)?".replace("D", "\\d+(?:_\\d+)*"));

  private Filters() {}

  static boolean isKnown(String name) {
    return KNOWN.contains(name);
  }

  /** {@code value | name(arguments)}. */
  static Object apply(String name, Object value, Arguments in, Scope scope) {
    return switch (name) {
      case "default", "d" -> {
        boolean missing =
            value instanceof Undefined || (in.flag(1, "boolean", false) && !Values.isTrue(value));
        yield missing ? in.get(0, "default_value", "") : value;
      }
      case "trim" -> trimmed(Written.text(value), in.text(0, "chars", null));
      case "length", "count" -> Values.length(value);
      case "upper" -> Written.text(value).toUpperCase(Locale.ROOT);
      case "lower" -> Written.text(value).toLowerCase(Locale.ROOT);
      case "title" -> Texts.titledWords(Written.text(value));
      case "capitalize" -> Texts.capitalised(Written.text(value));
      case "string" -> scope.budget().made(Written.text(value));
      case "safe" -> value;
      case "int" -> {
        if (in.whole(1, "base", DECIMAL) != DECIMAL) {
          throw new JinjaException("the argument base of int is not supported");
        }
        yield whole(value, in.get(0, "default", 0L));
      }
      case "float" -> number(value, in.get(0, "default", 0.0));
      case "abs" ->
          value instanceof Double number
              ? (Object) Math.abs(number)
              : Math.abs(Values.whole(value));
      case "round" -> rounded(value, in.whole(0, "precision", 0), in.text(1, "method", "common"));
      case "replace" ->
          Splitting.replaced(
              Written.text(value),
              in.text(0, "old"),
              in.text(1, "new"),
              in.whole(2, "count", -1),
              scope.budget());
      case "indent" -> indented(Written.text(value), in, scope.budget());
      case "tojson" -> json(value, in, scope.budget());
      default -> ElementFilters.apply(name, value, in, scope);
    };
  }

  private static String trimmed(String text, String characters) {
    return characters == null
        ? Texts.strip(text)
        : Texts.stripStart(
            Texts.stripEnd(text, point -> characters.indexOf(point) >= 0),
            point -> characters.indexOf(point) >= 0);
  }

  private static Object whole(Object value, Object otherwise) {
    try {
      if (value instanceof String text) {
        String bare = digits(text);
        return bare.matches("[+-]?\\d+") ? Long.parseLong(bare) : (long) Double.parseDouble(bare);
      }
      return value instanceof Double number ? (Object) number.longValue() : Values.whole(value);
    } catch (NumberFormatException | JinjaException e) {
      return otherwise;
    }
  }

  private static Object number(Object value, Object otherwise) {
    try {
      return value instanceof String text
          ? (Object) Double.parseDouble(digits(text))
          : (Object) Values.number(value);
    } catch (NumberFormatException | JinjaException e) {
      return otherwise;
    }
  }

  /** {@code text} as Java writes a number, if Python takes it for one. */
  private static String digits(String text) {
    String bare = Texts.strip(text);
    if (!NUMBER.matcher(bare).matches()) {
      throw new NumberFormatException(text);
    }
    return bare.replace("_", "");
  }

  private static Object rounded(Object value, long precision, String method) {
    RoundingMode mode =
        switch (method) {
          // Python rounds the exact value, halves to the even digit.
          case "common" -> RoundingMode.HALF_EVEN;
          case "ceil" -> RoundingMode.CEILING;
          case "floor" -> RoundingMode.FLOOR;
          default -> throw new JinjaException("round has no method " + method);
        };
    if (mode != RoundingMode.HALF_EVEN) {
      double scale = Math.pow(10, (double) precision);
      double scaled = Values.number(value) * scale;
      return (mode == RoundingMode.FLOOR ? Math.floor(scaled) : Math.ceil(scaled)) / scale;
    }
    if (value instanceof Double number) {
      return Double.isFinite(number)
          ? (Object) new BigDecimal(number).setScale((int) precision, mode).doubleValue()
          : number;
    }
    return new BigDecimal(Values.whole(value))
        .setScale((int) Math.min(0, precision), mode)
        .longValue();
  }

  private static String indented(String text, Arguments in, Budget budget) {
    String space = space(in.get(0, "width", 4L));
    boolean first = in.flag(1, "first", false);
    boolean blank = in.flag(2, "blank", false);
    StringBuilder indented = new StringBuilder();
    List<Object> lines = Splitting.lines(text + "\n");
    for (int i = 0; i < lines.size(); i++) {
      String line = (String) lines.get(i);
      boolean indents = i == 0 ? first : blank || !line.isEmpty();
      budget.characters(indents ? space.length() : 0);
      indented.append(i == 0 ? "" : "\n").append(indents ? space : "").append(line);
    }
    return budget.made(indented.toString());
  }

  /** What stands in front of a line, or how many spaces do. */
  private static String space(Object width) {
    if (width instanceof String own) {
      return own;
    }
    long spaces = Math.max(0, Values.whole(width));
    if (spaces > WIDEST) {
      throw new JinjaException("%d spaces in front of a line are too many".formatted(spaces));
    }
    return " ".repeat((int) spaces);
  }

  private static String json(Object value, Arguments in, Budget budget) {
    if (in.get(2, "separators", None.NONE) != None.NONE) {
      throw new JinjaException("the argument separators of tojson is not supported");
    }
    if (value instanceof Undefined none) {
      throw none.failure();
    }
    Object indent = in.get(1, "indent", None.NONE);
    return budget.made(
        JsonText.of(
            value,
            indent == None.NONE ? null : space(indent),
            in.flag(0, "ensure_ascii", false),
            in.flag(3, "sort_keys", false)));
  }
}
