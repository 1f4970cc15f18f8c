package org.dapt.metric;

import java.util.ArrayList;
import java.util.List;
import org.dapt.error.InputException;

/**
 * ROUGE-L as Google's {@code rouge_score} computes it with {@code use_stemmer=True}: the F1 of
 * precision and recall of the longest common subsequence of tokens.
 *
 * <p>Tokens are the runs of a-z and 0-9 in the lower-cased text; those longer than three characters
 * are stemmed by {@link NltkPorterStemmer}. Instances are immutable and may be shared by threads.
 */
public final class RougeL {
  /** Shorter tokens are compared as they are. */
  private static final int MIN_STEMMED_LENGTH = 4;

  private final NltkPorterStemmer stemmer = new NltkPorterStemmer();

  /** The F1 in 0..1; 0 if either text has no token, also when both have none. */
  public double score(String prediction, String reference) {
    return SubsequenceF1.of(tokens(prediction), tokens(reference));
  }

  /**
   * The largest F1 over the references, in 0..1.
   *
   * @throws InputException if there is no reference
   */
  public double score(String prediction, List<String> references) {
    return SubsequenceF1.best(prediction, references, this::tokens);
  }

  /** Whether {@code text} has a token: without one it scores 0 against every other text. */
  static boolean hasToken(String text) {
    String lower = LowerCase.of(text);
    return lower.chars().anyMatch(letter -> isTokenLetter((char) letter));
  }

  private List<String> tokens(String text) {
    String lower = LowerCase.of(text);
    List<String> tokens = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= lower.length(); i++) {
      if (i == lower.length() || !isTokenLetter(lower.charAt(i))) {
        if (i > start) {
          String token = lower.substring(start, i);
          tokens.add(token.length() < MIN_STEMMED_LENGTH ? token : stemmer.stem(token));
        }
        start = i + 1;
      }
    }
    return tokens;
  }

  private static boolean isTokenLetter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
  }
}
