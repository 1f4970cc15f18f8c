package org.dapt.error;

/**
 * Texts out of files, as messages show them: such a text may want to flood the log, or to take over
 * the terminal.
 */
public final class Shown {
  private static final int LONGEST = 200;

  private Shown() {}

  /** {@code text} cut after 200 characters, with {@code ?} in place of each control character. */
  public static String of(String text) {
    String cut = text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
    return cut.codePoints()
        .map(point -> Character.isISOControl(point) ? '?' : point)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /** What {@link Object#toString} says, shown as a text is. */
  public static String of(Object value) {
    return of(String.valueOf(value));
  }
}
