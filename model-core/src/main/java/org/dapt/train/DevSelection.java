package org.dapt.train;

/**
 * Keeps the parameters that are best on dev instead of the last ones.
 *
 * @param every so many steps the score is asked for, and after the last step; at least 1
 */
public record DevSelection(long every, DevScore score) {
  /**
   * Whether it is asked for after {@code step}.
   *
   * @param steps of the task in all
   */
  boolean isDue(long step, long steps) {
    return step == steps || step % every == 0;
  }
}
