package org.dapt.config;

import java.util.regex.Pattern;

/** Keeps secrets out of what is printed and stored. */
final class Redaction {
  private static final String MASK = "***";

  private static final Pattern WORD_BOUNDARY = Pattern.compile("[._-]+|(?<=[a-z0-9])(?=[A-Z])");
  private static final Pattern SECRET_WORD =
      Pattern.compile("(?i).*(password|passphrase|secret|token)");
  private static final Pattern SECRET_KEY =
      Pattern.compile("(?i).*((access|account|private|api)[._-]?key|credential).*");

  private Redaction() {}

  /** The value as it may be shown. */
  static Object show(String key, Object value) {
    return looksSecret(key) ? MASK : value;
  }

  /** Whether {@code value} is what {@link #show} put in the place of a secret. */
  static boolean isRedacted(String key, String value) {
    return value.equals(MASK) && looksSecret(key);
  }

  /** By words, so that {@code max-source-tokens} is no secret. */
  static boolean looksSecret(String key) {
    return SECRET_KEY.matcher(key).matches()
        || WORD_BOUNDARY.splitAsStream(key).anyMatch(word -> SECRET_WORD.matcher(word).matches());
  }
}
