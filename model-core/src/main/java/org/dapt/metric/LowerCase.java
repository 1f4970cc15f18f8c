package org.dapt.metric;

/**
 * Lower case by Unicode's default rules, independent of locale, as the reference implementations of
 * the metrics have it.
 *
 * <p>{@link String#toLowerCase(java.util.Locale)} decides the final sigma by the boundaries of
 * words, Unicode's rule by the neighbouring cased letters; they differ beside digits and
 * underscores.
 */
final class LowerCase {
  private static final int CAPITAL_SIGMA = 0x3A3;
  private static final int SIGMA = 0x3C3;
  private static final int FINAL_SIGMA = 0x3C2;
  private static final int CAPITAL_I_WITH_DOT = 0x130;

  /**
   * The characters that Unicode's case rules look through although their category does not say so.
   */
  private static final String TRANSPARENT_PUNCTUATION =
      "'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";

  private LowerCase() {}

  /** The lower case of {@code text}. */
  static String of(String text) {
    int[] points = text.codePoints().toArray();
    StringBuilder lower = new StringBuilder(text.length());
    for (int i = 0; i < points.length; i++) {
      switch (points[i]) {
        // The only character whose lower case is two: i and a combining dot above.
        case CAPITAL_I_WITH_DOT -> lower.append("i\u0307");
        case CAPITAL_SIGMA -> lower.appendCodePoint(endsWord(points, i) ? FINAL_SIGMA : SIGMA);
        default -> lower.appendCodePoint(Character.toLowerCase(points[i]));
      }
    }
    return lower.toString();
  }

  /** Unicode's condition Final_Sigma: a cased letter before, none behind. */
  private static boolean endsWord(int[] points, int at) {
    return casedNeighbour(points, at, -1) && !casedNeighbour(points, at, 1);
  }

  private static boolean casedNeighbour(int[] points, int at, int direction) {
    int i = at + direction;
    while (i >= 0 && i < points.length && isTransparent(points[i])) {
      i += direction;
    }
    return i >= 0 && i < points.length && isCased(points[i]);
  }

  private static boolean isCased(int point) {
    return Character.isLowerCase(point)
        || Character.isUpperCase(point)
        || Character.isTitleCase(point);
  }

  private static boolean isTransparent(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK,
          Character.ENCLOSING_MARK,
          Character.FORMAT,
          Character.MODIFIER_LETTER,
          Character.MODIFIER_SYMBOL ->
          true;
      default -> TRANSPARENT_PUNCTUATION.indexOf(point) >= 0;
    };
  }
}
