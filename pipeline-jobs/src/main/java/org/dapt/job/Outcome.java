package org.dapt.job;

/** What came of a job. */
public enum Outcome {
  /** It did its work now. */
  DONE,
  /** Its work was done already, from the same inputs. */
  SKIPPED,
  /** There is nothing to do for it with this method or configuration. */
  NOT_NEEDED
}
