package org.dapt.bank;

import java.util.Locale;

/** The attention that replayed inputs shall have once a selection module is realigned. */
public enum RealignTargets {
  /** The mean attention that their task was left with when it was learnt. */
  STORED,

  /**
   * What they have, if their own task's block has the largest weight of it: answers are to stay
   * what they are. Others have the stored one.
   */
  PRESENT;

  /** What markers have. */
  String storedName() {
    return name().toLowerCase(Locale.ROOT);
  }
}
