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
    return f1(tokens(prediction), tokens(reference));
  }

  /**
   * The largest F1 over the references, in 0..1.
   *
   * @throws InputException if there is no reference
   */
  public double score(String prediction, List<String> references) {
    List<String> predicted = tokens(prediction);
    return references.stream()
        .mapToDouble(reference -> f1(predicted, tokens(reference)))
        .max()
        .orElseThrow(() -> new InputException(noReference(prediction)));
  }

  static String noReference(String prediction) {
    return "no reference to score the prediction \""
        + prediction
        + "\" against, at least one is expected: give the example an output in its task file or leave it out";
  }

  private static double f1(List<String> prediction, List<String> reference) {
    int common = longestCommonSubsequence(prediction, reference);
    if (common == 0) {
      return 0;
    }
    double precision = (double) common / prediction.size();
    double recall = (double) common / reference.size();
    return 2 * precision * recall / (precision + recall);
  }

  /** The length of the subsequence, in memory for one row of the table. */
  private static int longestCommonSubsequence(List<String> a, List<String> b) {
    int[] row = new int[b.size() + 1];
    for (String token : a) {
      int diagonal = 0;
      for (int j = 1; j < row.length; j++) {
        int above = row[j];
        row[j] = token.equals(b.get(j - 1)) ? diagonal + 1 : Math.max(above, row[j - 1]);
        diagonal = above;
      }
    }
    return row[b.size()];
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
