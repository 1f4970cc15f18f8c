package org.dapt.config.read;

import java.util.List;
import java.util.regex.Pattern;

/** Keeps secrets out of what is printed and stored. */
public final class Redaction {
  private static final String MASK = "***";

  private static final Pattern WORD_BOUNDARY = Pattern.compile("[._-]+|(?<=[a-z0-9])(?=[A-Z])");
  private static final Pattern SECRET_WORD =
      Pattern.compile("(?i)(.*(password|passwd|passphrase|secret|secrets|token)|pwd|sas)");
  private static final Pattern SECRET_KEY =
      Pattern.compile("(?i).*((access|account|private|api|encryption)[._-]?key|credential).*");

  /**
   * Secrets within a value that is none: {@code -Dx.password=...} and {@code scheme://user:...@}.
   */
  private static final Pattern WITHIN_OPTIONS =
      Pattern.compile(
          "(?i)((?<![\\w.-])[\\w.-]{0,99}(password|passwd|passphrase|secret|token)[\\w.-]{0,99}\\s*[=:]\\s*)[^\\s,;]+");

  private static final Pattern WITHIN_URI = Pattern.compile("(://[^/\\s:@]*:)[^/\\s@]+@");

  /** Where users write texts, and names of their own tasks, fields and options. */
  private static final List<String> TEXTS =
      List.of(
          "tasks.template",
          "tasks.fields",
          "tasks.overrides",
          "evaluate.categories",
          "method.options");

  private Redaction() {}

  /**
   * The value of a key of ours as it may be stored. Templates, and what belongs to names that users
   * choose, are no secrets and stay as they are, for a run goes on with what is stored.
   */
  public static Object stored(String key, Object value) {
    return TEXTS.stream().anyMatch(text -> key.equals(text) || key.startsWith(text + "."))
        ? value
        : show(key, value);
  }

  /** The value as it may be shown. */
  public static Object show(String key, Object value) {
    if (looksSecret(key)) {
      return MASK;
    }
    return value instanceof String text ? within(text) : value;
  }

  /** An argument of a command, maybe {@code key=value}, as it may be shown. */
  public static String ofArgument(String argument) {
    int at = argument.indexOf('=');
    if (at < 0) {
      return within(argument);
    }
    String key = argument.substring(0, at);
    return key + "=" + stored(key, argument.substring(at + 1));
  }

  /** {@code text} with the mask in the place of what looks like a secret in it. */
  public static String within(String text) {
    var options = WITHIN_OPTIONS.matcher(text).replaceAll("$1" + MASK);
    return WITHIN_URI.matcher(options).replaceAll("$1" + MASK + "@");
  }

  /** Whether {@code text} is a URI with a password in it. */
  public static boolean hasPassword(String text) {
    return WITHIN_URI.matcher(text).find();
  }

  /** Whether {@code value} is what {@link #show} put in the place of a secret. */
  public static boolean isRedacted(String key, String value) {
    return value.contains(MASK) && (looksSecret(key) || within(value).equals(value));
  }

  /** By words, so that {@code max-source-tokens} is no secret. */
  public static boolean looksSecret(String key) {
    return SECRET_KEY.matcher(key).matches()
        || WORD_BOUNDARY.splitAsStream(key).anyMatch(word -> SECRET_WORD.matcher(word).matches());
  }
}
