package org.dapt.config.key;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How the constants of an enum are written in a configuration: {@code EXACT_MATCH} as exact-match.
 */
public final class Choices {
  private Choices() {}

  /** The text of {@code constant}. */
  public static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The texts of all constants in their order. */
  public static List<String> texts(Class<? extends Enum<?>> type) {
    return Arrays.stream(type.getEnumConstants()).map(Choices::text).toList();
  }

  /** The constant that is written {@code text}, one of {@link #texts}. */
  public static <E extends Enum<E>> E of(Class<E> type, String text) {
    return Enum.valueOf(type, text.toUpperCase(Locale.ROOT).replace('-', '_'));
  }
}
