package org.dapt.jinja;

import java.util.Locale;
import java.util.Set;

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
      case "int" -> whole(value, in.get(0, "default", 0L));
      case "float" -> number(value, in.get(0, "default", 0.0));
      case "abs" ->
          value instanceof Double number
              ? (Object) Math.abs(number)
              : Math.abs(Values.whole(value));
      case "round" -> rounded(value, in.whole(0, "precision", 0));
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
        String bare = Texts.strip(text);
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
          ? (Object) Double.parseDouble(Texts.strip(text))
          : (Object) Values.number(value);
    } catch (NumberFormatException | JinjaException e) {
      return otherwise;
    }
  }

  private static Object rounded(Object value, long digits) {
    if (!(value instanceof Double number)) {
      return Values.number(value);
    }
    // Python rounds the exact value, halves to the even digit.
    return new java.math.BigDecimal(number)
        .setScale((int) digits, java.math.RoundingMode.HALF_EVEN)
        .doubleValue();
  }

  private static String indented(String text, Arguments in, Budget budget) {
    Object width = in.get(0, "width", 4L);
    String space = width instanceof String own ? own : " ".repeat((int) Values.whole(width));
    boolean first = in.flag(1, "first", false);
    boolean blank = in.flag(2, "blank", false);
    StringBuilder indented = new StringBuilder();
    String[] lines = (text + "\n").split("\n", -1);
    for (int i = 0; i < lines.length - 1; i++) {
      boolean indents = i == 0 ? first : blank || !lines[i].isEmpty();
      indented.append(i == 0 ? "" : "\n").append(indents ? space : "").append(lines[i]);
    }
    return budget.made(indented.toString());
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
            indent == None.NONE
                ? null
                : indent instanceof String own ? own : " ".repeat((int) Values.whole(indent)),
            in.flag(0, "ensure_ascii", false),
            in.flag(3, "sort_keys", false)));
  }
}
