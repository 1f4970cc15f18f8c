package org.dapt.predict;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came of a prediction.
 *
 * @param output its folder
 * @param counts of all rows, by {@link #COUNTS}
 * @param chosen how often each task was chosen, in the order of learning; empty where none is
 * @param firstError the first row without an answer and why; empty where all have one
 * @param answeredNow rows that this call answered
 * @param tokensNow source tokens and generated ones of these
 * @param seconds that answering them took
 */
public record PredictSummary(
    String output,
    Map<String, Long> counts,
    Map<String, Long> chosen,
    String firstError,
    long answeredNow,
    long tokensNow,
    double seconds) {
  private static final String EXAMPLES = "examples";
  private static final String FAILED = "failed";
  private static final String CUT = "cut";
  private static final String BLANK = "blank";
  private static final String CHOSEN = "chosen";

  /** The keys of the counts, in their order. */
  static final List<String> COUNTS =
      List.of(
          EXAMPLES, FAILED, CUT, BLANK, AnswerTable.SOURCE_TOKENS, AnswerTable.GENERATED_TOKENS);

  /** What the marker keeps. */
  Map<String, Object> marker() {
    Map<String, Object> summary = new LinkedHashMap<>(counts);
    summary.put(CHOSEN, chosen);
    return summary;
  }

  /** Throughput, for people. */
  public static String speed(long rows, long tokens, double seconds) {
    return String.format(
        Locale.ROOT,
        "%d examples in %.1f s: %.1f examples/s, %.0f tokens/s (inputs and answers)",
        rows,
        seconds,
        rows / seconds,
        tokens / seconds);
  }
}
