package org.dapt.train;

/**
 * Keeps the parameters that are best on dev instead of the last ones.
 *
 * @param every so many steps the score is asked for, and after the last step; at least 1
 * @param patience after so many looks in a row that were not better than the best one before them
 *     no further step is taken; 0 is off
 */
public record DevSelection(long every, long patience, DevScore score) {
  /** Without an early end. */
  public DevSelection(long every, DevScore score) {
    this(every, 0, score);
  }

  /**
   * Whether it is asked for after {@code step}.
   *
   * @param steps of the task in all
   */
  boolean isDue(long step, long steps) {
    return step == steps || step % every == 0;
  }

  /**
   * Whether no further step is taken. It follows from the two steps alone, so training that goes on
   * ends where it would have ended.
   *
   * @param step taken last
   * @param best the best so far; null where there is none
   */
  boolean isOver(long step, BestState best) {
    return patience > 0 && best != null && step / every - best.choice().step() / every >= patience;
  }
}
