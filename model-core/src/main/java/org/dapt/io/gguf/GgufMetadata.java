package org.dapt.io.gguf;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.error.InputException;

/**
 * The metadata of a GGUF file by key: whole numbers, reals, truth values, texts, and lists of them.
 * A value of another type than asked for is a damaged file. Not for changes.
 */
public final class GgufMetadata {
  private final GgufDamage damage;
  private final SortedMap<String, Object> values;

  /**
   * @param values Long, Double, Boolean, String, {@code List<String>}, {@code long[]} or {@code
   *     double[]}, by key
   */
  GgufMetadata(Map<String, Object> values, GgufDamage damage) {
    this.values = new TreeMap<>(values);
    this.damage = damage;
  }

  /** Whether there is a value of that key. */
  public boolean has(String key) {
    return values.containsKey(key);
  }

  /** Whether the value of that key is the number 0. */
  public boolean isZero(String key) {
    return values.get(key) instanceof Number number && number.doubleValue() == 0;
  }

  /** A text. */
  public Optional<String> text(String key) {
    return Optional.ofNullable(value(key, String.class, "a text"));
  }

  /** A truth value. */
  public boolean flag(String key, boolean fallback) {
    Boolean value = value(key, Boolean.class, "true or false");
    return value == null ? fallback : value;
  }

  /** A whole number from {@code least} to 2^31 - 1. */
  public Optional<Integer> whole(String key, int least) {
    Long value = value(key, Long.class, "a whole number");
    if (value == null) {
      return Optional.empty();
    }
    if (value < least || value > Integer.MAX_VALUE) {
      throw wrong(key, value.toString(), "a whole number of at least " + least);
    }
    return Optional.of(value.intValue());
  }

  /**
   * A whole number of at least 1.
   *
   * @throws InputException if there is none
   */
  public int size(String key) {
    return whole(key, 1)
        .orElseThrow(() -> damage.found("it has no %s, which its model needs".formatted(key)));
  }

  /** A positive, finite number. */
  public Optional<Double> real(String key) {
    Double value = value(key, Double.class, "a number with a fraction");
    if (value != null && !(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw wrong(key, value.toString(), "a positive number");
    }
    return Optional.ofNullable(value);
  }

  /** A list of texts. */
  @SuppressWarnings("unchecked") // all lists here are of texts
  public Optional<List<String>> texts(String key) {
    return Optional.ofNullable((List<String>) value(key, List.class, "a list of texts"));
  }

  /** A list of whole numbers; a copy. */
  public Optional<long[]> wholes(String key) {
    return Optional.ofNullable(value(key, long[].class, "a list of whole numbers"))
        .map(long[]::clone);
  }

  /** A list of reals; a copy. */
  public Optional<double[]> reals(String key) {
    return Optional.ofNullable(value(key, double[].class, "a list of numbers"))
        .map(double[]::clone);
  }

  /** The failure for a file of which something is damaged, as {@code what} says. */
  public InputException damaged(String what) {
    return damage.found(what);
  }

  /** The failure for a file that is sound, but of a kind that is not read, as {@code what} says. */
  public InputException unsupported(String what) {
    return damage.unsupported(what);
  }

  private InputException wrong(String key, String found, String expected) {
    return damage.found("%s is %s, expected %s".formatted(key, found, expected));
  }

  private <T> T value(String key, Class<T> type, String expected) {
    Object value = values.get(key);
    if (value != null && !type.isInstance(value)) {
      throw wrong(key, shown(value), expected);
    }
    return type.cast(value);
  }

  private static String shown(Object value) {
    if (value instanceof List<?> list) {
      return "a list of %d texts".formatted(list.size());
    }
    if (value instanceof long[] || value instanceof double[]) {
      return "a list of numbers";
    }
    return GgufDamage.quoted(String.valueOf(value));
  }
}
