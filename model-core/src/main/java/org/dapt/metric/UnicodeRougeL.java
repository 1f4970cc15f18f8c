package org.dapt.metric;

import java.lang.Character.UnicodeScript;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.dapt.error.InputException;

/**
 * ROUGE-L for texts of any script. Not to be compared with {@link RougeL}: it has other tokens and
 * no stemmer.
 *
 * <p>The text is put into the normal form NFKC and lower-cased. Tokens are the runs of letters,
 * digits and the marks that belong to them. Of scripts that do not part words by spaces ({@link
 * #BY_CHARACTER}) every character is a token of its own, together with the marks behind it: a
 * segmentation into words would need a dictionary, and the score would depend on its version.
 *
 * <p>Instances are immutable and may be shared by threads.
 */
public final class UnicodeRougeL {
  /** Scripts of which every character is a token. */
  private static final Set<UnicodeScript> BY_CHARACTER =
      EnumSet.of(
          UnicodeScript.HAN,
          UnicodeScript.HIRAGANA,
          UnicodeScript.KATAKANA,
          UnicodeScript.BOPOMOFO,
          UnicodeScript.THAI,
          UnicodeScript.LAO,
          UnicodeScript.KHMER,
          UnicodeScript.MYANMAR);

  /**
   * The largest F1 over the references, in 0..1; 0 where either side has no token.
   *
   * @throws InputException if there is no reference
   */
  public double score(String prediction, List<String> references) {
    return SubsequenceF1.best(prediction, references, UnicodeRougeL::tokens);
  }

  /** Whether {@code text} has a token: without one it scores 0 against every other text. */
  static boolean hasToken(String text) {
    return !tokens(text).isEmpty();
  }

  static List<String> tokens(String text) {
    String normal = LowerCase.of(Normalizer.normalize(text, Normalizer.Form.NFKC));
    List<String> tokens = new ArrayList<>();
    var token = new StringBuilder();
    boolean complete = false;
    for (int at = 0; at < normal.length(); ) {
      int point = normal.codePointAt(at);
      at += Character.charCount(point);
      boolean mark = isMark(point);
      boolean letter = Character.isLetterOrDigit(point);
      boolean single = letter && BY_CHARACTER.contains(UnicodeScript.of(point));
      // A mark goes with the letter before it, whatever token that is.
      if (!token.isEmpty() && !mark && (!letter || single || complete)) {
        tokens.add(token.toString());
        token.setLength(0);
      }
      if (letter) {
        token.appendCodePoint(point);
        complete = single;
      } else if (mark && !token.isEmpty()) {
        token.appendCodePoint(point);
      }
    }
    if (!token.isEmpty()) {
      tokens.add(token.toString());
    }
    return tokens;
  }

  private static boolean isMark(int point) {
    return switch (Character.getType(point)) {
      case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK ->
          true;
      default -> false;
    };
  }
}
