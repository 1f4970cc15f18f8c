package org.dapt.option;

import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import org.dapt.error.ConfigException;
import org.dapt.error.NearestNames;

/**
 * What a value may be: which texts are values, and what to say where one is not. Keys of a
 * configuration and the options of methods have the same types.
 */
public final class ValueType<T> {
  private final Function<String, String> expected;
  private final Function<String, T> parser;
  private final T useless;

  private ValueType(Function<String, String> expected, Function<String, T> parser, T useless) {
    this.expected = expected;
    this.parser = parser;
    this.useless = useless;
  }

  /**
   * Values that {@code parser} makes of a text.
   *
   * @param expected what a wrong text is told
   * @param parser returns null or throws what parsers throw where a text is no value
   * @param useless what stands for a value that could not be read, so that others can be checked
   */
  public static <T> ValueType<T> of(String expected, Function<String, T> parser, T useless) {
    return new ValueType<>(found -> expected, parser, useless);
  }

  /** Whole numbers of at least {@code least}. */
  public static ValueType<Integer> wholeNumber(int least) {
    return wholeNumber(least, Integer.MAX_VALUE);
  }

  /** Whole numbers from {@code least} to {@code most}. */
  public static ValueType<Integer> wholeNumber(int least, int most) {
    return of(
        "a whole number from %d to %d".formatted(least, most),
        text -> {
          int number = new BigDecimal(text).intValueExact();
          return number < least || number > most ? null : (Integer) number;
        },
        least);
  }

  /** Whole numbers of 64 bits. */
  public static ValueType<Long> anyLong() {
    return of("a whole number of 64 bits", text -> new BigDecimal(text).longValueExact(), 0L);
  }

  /** Finite numbers that are {@code allowed}. */
  public static ValueType<Double> number(DoublePredicate allowed, String expected, double useless) {
    return of(
        expected,
        text -> {
          double number = new BigDecimal(text).doubleValue();
          // Minus zero would be another value than zero.
          return Double.isFinite(number) && allowed.test(number) ? (Double) (number + 0.0) : null;
        },
        useless);
  }

  /** Numbers above 0. */
  public static ValueType<Double> positive() {
    return number(value -> value > 0, "a number above 0", 1);
  }

  /** true or false, and what HOCON takes for them. */
  public static ValueType<Boolean> flag() {
    return of(
        "true or false",
        text ->
            switch (text) {
              case "true", "yes", "on" -> Boolean.TRUE;
              case "false", "no", "off" -> Boolean.FALSE;
              default -> null;
            },
        false);
  }

  /** One of {@code allowed}, which is not empty. */
  public static ValueType<String> choice(List<String> allowed) {
    String all = String.join(", ", allowed);
    return new ValueType<>(
        found ->
            "one of "
                + all
                + (found.isEmpty()
                    ? ""
                    : "; the nearest is "
                        + allowed.stream().min(NearestNames.to(found)).orElseThrow()),
        text -> allowed.contains(text) ? text : null,
        allowed.get(0));
  }

  /** The value that {@code text} stands for; empty where it is none. */
  public Optional<T> parse(String text) {
    try {
      return Optional.ofNullable(parser.apply(text));
    } catch (ArithmeticException | IllegalArgumentException | ConfigException e) {
      // Told with what is expected, which has the key and the place.
      return Optional.empty();
    }
  }

  /** What to expect in the place of {@code found}, a text that is no value or the empty one. */
  public String expected(String found) {
    return expected.apply(found);
  }

  /** What stands for a value that could not be read. */
  public T useless() {
    return useless;
  }
}
