package org.dapt.train;

/** What becomes of the learning rate behind the warm-up. */
public enum ScheduleShape {
  /** It stays. */
  CONSTANT,
  /** It falls in a straight line to 0 behind the last step. */
  LINEAR,
  /** It falls to 0 as half a period of the cosine does. */
  COSINE
}
