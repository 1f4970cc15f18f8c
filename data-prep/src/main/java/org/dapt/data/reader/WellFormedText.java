package org.dapt.data.reader;

/**
 * Texts that every encoding can hold. JSON can write half of a surrogate pair, which is no
 * character: UTF-8 has no bytes for it, so a shard and a tokenizer would each put something else in
 * its place.
 */
public final class WellFormedText {
  private static final int REPLACEMENT = 0xfffd;

  private WellFormedText() {}

  /** {@code text} with U+FFFD in place of every half of a surrogate pair. */
  public static String of(String text) {
    if (text.codePoints().noneMatch(WellFormedText::isHalf)) {
      return text;
    }
    return text.codePoints()
        .map(point -> isHalf(point) ? REPLACEMENT : point)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  private static boolean isHalf(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
