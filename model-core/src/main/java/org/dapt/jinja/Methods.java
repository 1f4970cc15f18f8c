package org.dapt.jinja;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;

/** The methods of Python's texts, mappings and lists. */
final class Methods {
  /** Those that change what they belong to, which the sandbox refuses. */
  private static final Set<String> CHANGING =
      Set.of(
          "append",
          "extend",
          "insert",
          "pop",
          "remove",
          "clear",
          "update",
          "setdefault",
          "popitem",
          "reverse",
          "sort");

  private Methods() {}

  /** The method {@code name} of {@code value}; null where there is none. */
  static Callable of(Object value, String name) {
    if (value instanceof String text) {
      return TextMethods.of(text, name);
    }
    if (value instanceof Map<?, ?> map) {
      return ofMap(map, name);
    }
    return value instanceof List<?> list ? ofList(list, name) : null;
  }

  private static Callable ofMap(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" ->
          (scope, arguments, named) -> {
            List<Object> items = new ArrayList<>();
            map.forEach((key, value) -> items.add(List.of(key, value)));
            return items;
          };
      case "keys" -> (scope, arguments, named) -> new ArrayList<Object>(map.keySet());
      case "values" -> (scope, arguments, named) -> new ArrayList<Object>(map.values());
      case "get" ->
          (scope, given, named) -> {
            Arguments arguments = new Arguments("get", given, named);
            Object key = arguments.required(0, "key");
            return Values.contains(map, key)
                ? Members.element(map, key)
                : arguments.get(1, "default", None.NONE);
          };
      default -> refused(name);
    };
  }

  private static Callable ofList(List<?> list, String name) {
    return switch (name) {
      case "index" ->
          (scope, arguments, named) -> {
            Object wanted = new Arguments("index", arguments, named).required(0, "value");
            for (int i = 0; i < list.size(); i++) {
              if (Values.equal(list.get(i), wanted)) {
                return (long) i;
              }
            }
            throw new JinjaException(Written.literal(wanted) + " is not in the list");
          };
      case "count" ->
          (scope, arguments, named) -> {
            Object wanted = new Arguments("count", arguments, named).required(0, "value");
            return list.stream().filter(element -> Values.equal(element, wanted)).count();
          };
      default -> refused(name);
    };
  }

  private static Callable refused(String name) {
    if (!CHANGING.contains(name)) {
      return null;
    }
    return (scope, arguments, named) -> {
      throw new JinjaException(
          "the method %s changes a value, which a chat template must not".formatted(name));
    };
  }

  /** The methods of texts. */
  private static final class TextMethods {
    private TextMethods() {}

    static Callable of(String text, String name) {
      if (!KNOWN.contains(name)) {
        return null;
      }
      return (scope, given, named) ->
          call(text, name, new Arguments(name, given, named), scope.budget());
    }

    private static final Set<String> KNOWN =
        Set.of(
            "strip",
            "lstrip",
            "rstrip",
            "split",
            "rsplit",
            "splitlines",
            "startswith",
            "endswith",
            "upper",
            "lower",
            "title",
            "capitalize",
            "replace",
            "join",
            "find",
            "rfind",
            "index",
            "count",
            "isdigit",
            "isalpha",
            "isalnum",
            "isspace",
            "isupper",
            "islower",
            "removeprefix",
            "removesuffix",
            "partition",
            "rpartition",
            "swapcase",
            "casefold");

    /** Those of which only the first argument is known. */
    private static final Set<String> OF_ONE =
        Set.of("startswith", "endswith", "find", "rfind", "index", "count");

    private static Object call(String text, String name, Arguments in, Budget budget) {
      boolean further =
          name.equals("splitlines")
              ? in.flag(0, "keepends", false)
              : OF_ONE.contains(name) && in.values().size() > 1;
      if (further) {
        throw new JinjaException("the further arguments of %s are not supported".formatted(name));
      }
      return switch (name) {
        case "strip" -> Texts.stripStart(Texts.stripEnd(text, strips(in)), strips(in));
        case "lstrip" -> Texts.stripStart(text, strips(in));
        case "rstrip" -> Texts.stripEnd(text, strips(in));
        case "split", "rsplit" ->
            Splitting.split(
                text, in.text(0, "sep", null), in.whole(1, "maxsplit", -1), name.equals("rsplit"));
        case "splitlines" -> Splitting.lines(text);
        case "startswith" -> any(in.required(0, "prefix"), text::startsWith);
        case "endswith" -> any(in.required(0, "suffix"), text::endsWith);
        case "upper" -> text.toUpperCase(Locale.ROOT);
        case "lower", "casefold" -> text.toLowerCase(Locale.ROOT);
        case "title" -> Texts.titled(text);
        case "capitalize" -> Texts.capitalised(text);
        case "replace" ->
            Splitting.replaced(
                text, in.text(0, "old"), in.text(1, "new"), in.whole(2, "count", -1), budget);
        case "join" -> Splitting.joined(text, Values.elements(in.required(0, "iterable")), budget);
        case "find" -> position(text, text.indexOf(in.text(0, "sub")));
        case "rfind" -> position(text, text.lastIndexOf(in.text(0, "sub")));
        case "index" -> {
          if (!text.contains(in.text(0, "sub"))) {
            throw new JinjaException("%s is not in the text".formatted(in.text(0, "sub")));
          }
          yield position(text, text.indexOf(in.text(0, "sub")));
        }
        case "count" -> Splitting.count(text, in.text(0, "sub"));
        case "isdigit" -> all(text, Character::isDigit);
        case "isalpha" -> all(text, Character::isLetter);
        case "isalnum" -> all(text, Character::isLetterOrDigit);
        case "isspace" -> all(text, Texts::isSpace);
        case "isupper" ->
            text.equals(text.toUpperCase(Locale.ROOT))
                && !text.equals(text.toLowerCase(Locale.ROOT));
        case "islower" ->
            text.equals(text.toLowerCase(Locale.ROOT))
                && !text.equals(text.toUpperCase(Locale.ROOT));
        case "removeprefix" ->
            text.startsWith(in.text(0, "prefix"))
                ? text.substring(in.text(0, "prefix").length())
                : text;
        case "removesuffix" ->
            text.endsWith(in.text(0, "suffix"))
                ? text.substring(0, text.length() - in.text(0, "suffix").length())
                : text;
        case "partition" ->
            Splitting.parted(text, in.text(0, "sep"), text.indexOf(in.text(0, "sep")));
        case "rpartition" ->
            Splitting.partedLast(text, in.text(0, "sep"), text.lastIndexOf(in.text(0, "sep")));
        default -> throw new JinjaException("the method %s is not supported".formatted(name));
      };
    }

    private static IntPredicate strips(Arguments in) {
      String characters = in.text(0, "chars", null);
      return characters == null ? Texts::isSpace : point -> characters.indexOf(point) >= 0;
    }

    private static boolean any(Object wanted, java.util.function.Predicate<String> matches) {
      return wanted instanceof List<?> several
          ? several.stream().anyMatch(one -> matches.test(Values.text(one)))
          : matches.test(Values.text(wanted));
    }

    private static boolean all(String text, IntPredicate matches) {
      return !text.isEmpty() && text.codePoints().allMatch(matches);
    }

    private static long position(String text, int index) {
      return index < 0 ? -1 : text.codePointCount(0, index);
    }
  }
}
