package org.dapt.report;

import java.util.Locale;

/** Numbers as the report shows them. */
final class Numbers {
  private Numbers() {}

  /** {@code value} in a format of {@link String#format}, the same in every country. */
  static String text(String format, double value) {
    String text = String.format(Locale.ROOT, format, value);
    // Rounding would leave a sign before a zero.
    return text.matches("[+-]0(\\.0*)?") ? text.substring(1) : text;
  }
}
