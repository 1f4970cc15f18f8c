package org.dapt.method;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.dapt.error.ConfigException;

/**
 * Reads the options of a method: those of its own, which are the section {@code method.options} of
 * a configuration, or those that it shares with others, such as {@code lora}. An option that cannot
 * be read is noted and yields a value of no use, so that all of them are checked. In every method
 * {@code fallback} is the value of an option that is not stated; null makes the option required.
 */
public final class OptionReader {
  private final Map<String, Object> stated = new TreeMap<>();
  private final SortedMap<String, Object> values = new TreeMap<>();
  private final SortedMap<String, String> problems = new TreeMap<>();
  private final SortedSet<String> known = new TreeSet<>();

  /**
   * Reads from {@code stated}.
   *
   * @param stated texts, numbers and truth values by name; null counts as not stated
   */
  public OptionReader(Map<String, ?> stated) {
    stated.forEach(
        (name, value) -> {
          if (value != null) {
            this.stated.put(name, value);
          }
        });
  }

  /**
   * What {@code body} makes of all that is stated in {@code section}.
   *
   * @throws ConfigException with all options that are missing, wrong or not read by {@code body}
   */
  static <T> T read(String section, Map<String, ?> stated, Function<OptionReader, T> body) {
    return read(section, stated, body, true);
  }

  /**
   * What {@code body} makes of some of what is stated in {@code section}.
   *
   * @throws ConfigException with all options that are missing or wrong
   */
  static <T> T readSome(String section, Map<String, ?> stated, Function<OptionReader, T> body) {
    return read(section, stated, body, false);
  }

  private static <T> T read(
      String section, Map<String, ?> stated, Function<OptionReader, T> body, boolean all) {
    OptionReader in = new OptionReader(stated);
    T result = body.apply(in);
    List<String> lines = new ArrayList<>();
    in.problems.forEach(
        (name, expected) -> {
          Object found = in.stated.get(name);
          lines.add(
              "%s.%s is %s, expected %s"
                  .formatted(section, name, found == null ? "not set" : found, expected));
        });
    for (String name : all ? in.unknown() : new TreeSet<String>()) {
      lines.add("%s.%s is no option; known are %s".formatted(section, name, in.known));
    }
    if (!lines.isEmpty()) {
      throw new ConfigException(String.join("\n", lines));
    }
    return result;
  }

  /** A whole number of at least {@code least}. */
  public int wholeNumber(String name, int least, Integer fallback) {
    return option(
        name,
        "a whole number from %d to %d".formatted(least, Integer.MAX_VALUE),
        text -> {
          int number = new BigDecimal(text).intValueExact();
          return number < least ? null : (Integer) number;
        },
        fallback,
        least);
  }

  /** A number from {@code least} to {@code most}. */
  public double number(String name, double least, double most, Double fallback) {
    return option(
        name,
        "a number from %s to %s".formatted(least, most),
        text -> {
          double number = new BigDecimal(text).doubleValue();
          return number >= least && number <= most ? (Double) number : null;
        },
        fallback,
        least);
  }

  /** A number above 0. */
  public double positive(String name, Double fallback) {
    return option(
        name,
        "a number above 0",
        text -> {
          double number = new BigDecimal(text).doubleValue();
          return number > 0 && Double.isFinite(number) ? (Double) number : null;
        },
        fallback,
        1.0);
  }

  /** true or false. */
  public boolean flag(String name, Boolean fallback) {
    return option(
        name,
        "true or false",
        text ->
            switch (text) {
              case "true" -> Boolean.TRUE;
              case "false" -> Boolean.FALSE;
              default -> null;
            },
        fallback,
        false);
  }

  /** One of {@code allowed}, which is not empty. */
  public String choice(String name, List<String> allowed, String fallback) {
    return option(
        name,
        "one of " + String.join(", ", allowed),
        text -> allowed.contains(text) ? text : null,
        fallback,
        allowed.get(0));
  }

  /** Any text. */
  public String text(String name, String fallback) {
    return option(name, "a text", text -> text, fallback, "");
  }

  /** The options read so far, those not stated with their fallback. */
  public SortedMap<String, Object> values() {
    return Collections.unmodifiableSortedMap(values);
  }

  /** For each option that was stated wrong or not at all what was expected. */
  public SortedMap<String, String> problems() {
    return Collections.unmodifiableSortedMap(problems);
  }

  /** Names of the options that were asked for. */
  public SortedSet<String> known() {
    return Collections.unmodifiableSortedSet(known);
  }

  /** Names that are stated and were not asked for. */
  public SortedSet<String> unknown() {
    SortedSet<String> unknown = new TreeSet<>(stated.keySet());
    unknown.removeAll(known);
    return unknown;
  }

  private <T> T option(
      String name, String expected, Function<String, T> parse, T fallback, T useless) {
    known.add(name);
    Object found = stated.get(name);
    T value = fallback;
    if (found instanceof String || found instanceof Number || found instanceof Boolean) {
      try {
        value = parse.apply(found.toString());
      } catch (ArithmeticException | NumberFormatException e) {
        // Told with what is expected.
        value = null;
      }
    } else if (found != null) {
      value = null;
    }
    if (value == null) {
      problems.put(name, expected);
      return useless;
    }
    values.put(name, value);
    return value;
  }
}
