package org.dapt.error;

/**
 * Texts out of files, as messages show them: such a text may want to flood the log, or to take over
 * the terminal.
 */
public final class Shown {
  private static final int LONGEST = 200;
  private static final int LONGEST_LINE = 2000;

  private Shown() {}

  /** {@code text} cut after 200 characters, with {@code ?} in place of each control character. */
  public static String of(String text) {
    return cut(text, LONGEST);
  }

  /** A whole line of a message, cut after 2000 characters and without control characters. */
  public static String line(String text) {
    return cut(text, LONGEST_LINE);
  }

  /** What {@link Object#toString} says, shown as a text is. */
  public static String of(Object value) {
    return of(String.valueOf(value));
  }

  private static String cut(String text, int longest) {
    String cut = text.length() > longest ? text.substring(0, longest) + "..." : text;
    return cut.codePoints()
        .map(point -> Character.isISOControl(point) ? '?' : point)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
