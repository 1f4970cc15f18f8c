package org.dapt.jinja;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Values as Python has them: {@link String}, {@link Long}, {@link Double}, {@link Boolean}, {@link
 * None}, {@link List} (also for tuples), {@link Map} by order of insertion, {@link Namespace},
 * {@link Callable}, {@link ForLoop.Loop}, {@link Generator} and {@link Undefined}.
 */
final class Values {
  private Values() {}

  /** What Java has in place of these. */
  static Object of(Object value) {
    if (value == null) {
      return None.NONE;
    }
    if (value instanceof Integer whole) {
      return whole.longValue();
    }
    if (value instanceof List<?> list) {
      List<Object> values = new ArrayList<>();
      list.forEach(element -> values.add(of(element)));
      return values;
    }
    if (value instanceof Map<?, ?> map) {
      Map<Object, Object> values = new LinkedHashMap<>();
      map.forEach((key, element) -> values.put(of(key), of(element)));
      return values;
    }
    return value;
  }

  static boolean isTrue(Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof Long whole) {
      return whole != 0;
    }
    if (value instanceof Double number) {
      return number != 0;
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    if (value instanceof Map<?, ?> map) {
      return !map.isEmpty();
    }
    return !(value instanceof None) && !(value instanceof Undefined);
  }

  /** What a loop goes through, as a list of its own. */
  static List<Object> elements(Object value) {
    if (value instanceof List<?> list) {
      return new ArrayList<>(list);
    }
    if (value instanceof Map<?, ?> map) {
      return new ArrayList<>(map.keySet());
    }
    if (value instanceof String text) {
      List<Object> characters = new ArrayList<>();
      text.codePoints().forEach(point -> characters.add(Character.toString(point)));
      return characters;
    }
    if (value instanceof Generator generator) {
      return generator.take();
    }
    if (value instanceof Undefined) {
      return new ArrayList<>();
    }
    throw new JinjaException(kind(value) + " is not iterable");
  }

  static boolean equal(Object one, Object other) {
    if (isNumber(one) && isNumber(other)) {
      return (one instanceof Long && other instanceof Long)
          ? one.equals(other)
          : number(one) == number(other);
    }
    if (one instanceof List<?> list && other instanceof List<?> second) {
      boolean equal = list.size() == second.size();
      for (int i = 0; equal && i < list.size(); i++) {
        equal = equal(list.get(i), second.get(i));
      }
      return equal;
    }
    return one instanceof Undefined ? other instanceof Undefined : Objects.equals(one, other);
  }

  /** As {@link java.util.Comparator} of numbers, of texts and of lists. */
  static int compare(Object one, Object other) {
    if (isNumber(one) && isNumber(other)) {
      return Double.compare(number(one), number(other));
    }
    if (one instanceof String text && other instanceof String second) {
      return java.util.Arrays.compare(text.codePoints().toArray(), second.codePoints().toArray());
    }
    if (one instanceof List<?> list && other instanceof List<?> second) {
      for (int i = 0; i < Math.min(list.size(), second.size()); i++) {
        int order = compare(list.get(i), second.get(i));
        if (order != 0) {
          return order;
        }
      }
      return Integer.compare(list.size(), second.size());
    }
    throw new JinjaException("%s and %s cannot be compared".formatted(kind(one), kind(other)));
  }

  static boolean contains(Object container, Object element) {
    if (container instanceof String text) {
      if (!(element instanceof String part)) {
        throw new JinjaException(kind(element) + " cannot be in a text");
      }
      return text.contains(part);
    }
    if (container instanceof Map<?, ?> map) {
      return map.keySet().stream().anyMatch(key -> equal(key, element));
    }
    return elements(container).stream().anyMatch(one -> equal(one, element));
  }

  /** Truths are numbers, too. */
  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static double number(Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    if (value instanceof Long || value instanceof Double) {
      return ((Number) value).doubleValue();
    }
    throw value instanceof Undefined none
        ? none.failure()
        : new JinjaException(kind(value) + " is no number");
  }

  static long whole(Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    if (value instanceof Long whole) {
      return whole;
    }
    throw value instanceof Undefined none
        ? none.failure()
        : new JinjaException(kind(value) + " is no whole number");
  }

  /** A text, and nothing else. */
  static String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw value instanceof Undefined none
        ? none.failure()
        : new JinjaException(kind(value) + " is no text");
  }

  static Map<?, ?> map(Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw value instanceof Undefined none
        ? none.failure()
        : new JinjaException(kind(value) + " is no mapping");
  }

  static long length(Object value) {
    return value instanceof String text
        ? text.codePointCount(0, text.length())
        : elements(value).size();
  }

  /** For messages. */
  static String kind(Object value) {
    if (value instanceof Undefined none) {
      return none.name() + ", which is undefined,";
    }
    return value instanceof String
        ? "a text"
        : value instanceof Boolean
            ? "a truth value"
            : isNumber(value)
                ? "a number"
                : value instanceof List
                    ? "a list"
                    : value instanceof Map
                        ? "a mapping"
                        : value == None.NONE
                            ? "None"
                            : value instanceof Generator ? "a generator" : "a function";
  }

  /** What gives its elements once; it is true even where it has none. */
  static final class Generator {
    private List<Object> left;

    Generator(List<?> elements) {
      left = new ArrayList<>(elements);
    }

    List<Object> take() {
      List<Object> taken = left;
      left = new ArrayList<>();
      return taken;
    }
  }

  /** What {@code namespace()} makes: the one kind of value that can be changed, also in a loop. */
  static final class Namespace {
    private final Map<String, Object> values = new LinkedHashMap<>();

    Namespace(Map<?, ?> values) {
      values.forEach((name, value) -> this.values.put(String.valueOf(name), value));
    }

    Object get(String name) {
      Object value = values.get(name);
      return value == null ? new Undefined("the namespace's '%s'".formatted(name)) : value;
    }

    void set(String name, Object value) {
      values.put(name, value);
    }
  }
}
