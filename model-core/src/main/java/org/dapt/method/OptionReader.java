package org.dapt.method;

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
import org.dapt.option.ValueType;

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
    return option(name, ValueType.wholeNumber(least), fallback);
  }

  /** A whole number from {@code least} to {@code most}. */
  public int wholeNumber(String name, int least, int most, Integer fallback) {
    return option(name, ValueType.wholeNumber(least, most), fallback);
  }

  /** A number from {@code least} to {@code most}. */
  public double number(String name, double least, double most, Double fallback) {
    return option(
        name,
        ValueType.number(
            number -> number >= least && number <= most,
            "a number from %s to %s".formatted(least, most),
            least),
        fallback);
  }

  /** A number above 0. */
  public double positive(String name, Double fallback) {
    return option(name, ValueType.positive(), fallback);
  }

  /** true or false. */
  public boolean flag(String name, Boolean fallback) {
    return option(name, ValueType.flag(), fallback);
  }

  /** One of {@code allowed}, which is not empty. */
  public String choice(String name, List<String> allowed, String fallback) {
    return option(name, ValueType.choice(allowed), fallback);
  }

  /** Any text. */
  public String text(String name, String fallback) {
    return option(name, ValueType.of("a text", text -> text, ""), fallback);
  }

  /** A list of texts. */
  public List<String> texts(String name, List<String> fallback) {
    if (!(stated.get(name) instanceof List<?> found)) {
      return List.of(text(name, String.join(",", fallback)).split(","));
    }
    known.add(name);
    List<String> texts = found.stream().map(Object::toString).toList();
    values.put(name, texts);
    return texts;
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

  private <T> T option(String name, ValueType<T> type, T fallback) {
    known.add(name);
    Object found = stated.get(name);
    boolean scalar = found instanceof String || found instanceof Number || found instanceof Boolean;
    T value = fallback;
    if (found != null) {
      value = scalar ? type.parse(found.toString()).orElse(null) : null;
    }
    if (value == null) {
      problems.put(name, type.expected(scalar ? found.toString() : ""));
      return type.useless();
    }
    values.put(name, value);
    return value;
  }
}
