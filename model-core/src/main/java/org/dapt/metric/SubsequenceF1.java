package org.dapt.metric;

import java.util.List;
import java.util.function.Function;
import org.dapt.error.InputException;

/** The F1 of precision and recall of the longest common subsequence of tokens. */
final class SubsequenceF1 {
  private SubsequenceF1() {}

  /**
   * The largest F1 over the references, in 0..1.
   *
   * @param tokens of a text
   * @throws InputException if there is no reference
   */
  static double best(
      String prediction, List<String> references, Function<String, List<String>> tokens) {
    List<String> predicted = tokens.apply(prediction);
    return references.stream()
        .mapToDouble(reference -> of(predicted, tokens.apply(reference)))
        .max()
        .orElseThrow(() -> new InputException(noReference(prediction)));
  }

  static String noReference(String prediction) {
    return "no reference to score the prediction \""
        + prediction
        + "\" against, at least one is expected: give the example an output in its task file or"
        + " leave it out";
  }

  /** The F1 in 0..1; 0 if either side has no token, also when both have none. */
  static double of(List<String> prediction, List<String> reference) {
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
}
