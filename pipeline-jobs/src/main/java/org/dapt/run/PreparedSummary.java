package org.dapt.run;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the marker of prepared data tells.
 *
 * @param trainExamples examples that are trained on
 * @param devExamples examples of the dev split
 * @param testExamples examples that scores are of
 * @param testDrawnFrom of so many they are a draw; null where they are all that the task has
 * @param testHeldOut whether they are taken out of the training split, for want of a test split
 */
public record PreparedSummary(
    long trainExamples,
    long devExamples,
    long testExamples,
    Long testDrawnFrom,
    boolean testHeldOut) {
  /** Key of {@link #trainExamples}. */
  public static final String TRAIN_EXAMPLES = "train_examples";

  /** Key of {@link #devExamples}. */
  public static final String DEV_EXAMPLES = "dev_examples";

  /** Key of {@link #testExamples}. */
  public static final String TEST_EXAMPLES = "test_examples";

  /** Key of {@link #testDrawnFrom}, which is left out where that is null. */
  public static final String TEST_DRAWN_FROM = "test_drawn_from";

  /** Key of {@link #testHeldOut}, which is left out where that is not so. */
  public static final String TEST_HELD_OUT = "test_held_out";

  /**
   * Reads the summary of {@code marker}.
   *
   * @throws org.dapt.error.InputException if there is no marker, or it lacks one of these
   */
  public static PreparedSummary of(Marker marker) {
    return new PreparedSummary(
        marker.number(TRAIN_EXAMPLES).longValue(),
        marker.number(DEV_EXAMPLES).longValue(),
        marker.number(TEST_EXAMPLES).longValue(),
        marker.summary().containsKey(TEST_DRAWN_FROM)
            ? Long.valueOf(marker.number(TEST_DRAWN_FROM).longValue())
            : null,
        Boolean.TRUE.equals(marker.summary().get(TEST_HELD_OUT)));
  }

  /** What the marker is given. */
  public Map<String, Object> toMap() {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(TRAIN_EXAMPLES, trainExamples);
    summary.put(DEV_EXAMPLES, devExamples);
    summary.put(TEST_EXAMPLES, testExamples);
    if (testDrawnFrom != null) {
      summary.put(TEST_DRAWN_FROM, testDrawnFrom);
    }
    if (testHeldOut) {
      summary.put(TEST_HELD_OUT, true);
    }
    return summary;
  }
}
