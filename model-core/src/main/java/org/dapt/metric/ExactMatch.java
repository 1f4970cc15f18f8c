package org.dapt.metric;

import java.util.List;
import org.dapt.error.InputException;

/**
 * Equality after normalisation as the benchmarks' code has it: lower case, the 32 ASCII punctuation
 * characters removed (nothing takes their place), runs of white space made one space, ends trimmed.
 * Articles and the punctuation of other scripts stay.
 */
public final class ExactMatch {
  private static final String PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  /** The normal form of {@code text}. */
  public String normalise(String text) {
    var normal = new StringBuilder(text.length());
    boolean gap = false;
    String lower = LowerCase.of(text);
    for (int i = 0; i < lower.length(); i++) {
      char letter = lower.charAt(i);
      if (isWhiteSpace(letter)) {
        gap = true;
      } else if (PUNCTUATION.indexOf(letter) < 0) {
        if (gap && !normal.isEmpty()) {
          normal.append(' ');
        }
        gap = false;
        normal.append(letter);
      }
    }
    return normal.toString();
  }

  /**
   * Whether the prediction's normal form is that of any reference.
   *
   * @throws InputException if there is no reference
   */
  public boolean matches(String prediction, List<String> references) {
    if (references.isEmpty()) {
      throw new InputException(SubsequenceF1.noReference(prediction));
    }
    String normal = normalise(prediction);
    return references.stream().anyMatch(reference -> normal.equals(normalise(reference)));
  }

  /**
   * White space as Python's {@code str.split} has it: wider than Java's (no-break spaces, next
   * line), all in one char.
   */
  private static boolean isWhiteSpace(char letter) {
    return switch (letter) {
      case '\t',
          '\n',
          '\u000B',
          '\f',
          '\r',
          '\u001C',
          '\u001D',
          '\u001E',
          '\u001F',
          ' ',
          '\u0085',
          '\u00A0' ->
          true;
      default -> Character.isSpaceChar(letter);
    };
  }
}
