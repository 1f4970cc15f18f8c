package org.dapt.config;

import org.dapt.data.reader.Split;

/** Whose examples an evaluation answers. */
public enum EvaluatedSplit {
  TEST(Split.TEST),
  DEV(Split.DEV);

  private final Split split;

  EvaluatedSplit(Split split) {
    this.split = split;
  }

  /** The split of the prepared data. */
  public Split split() {
    return split;
  }
}
