package org.dapt.data.reader;

import java.util.Locale;

/** The three parts of a task: blocks learn on train, dev decides, test scores. */
public enum Split {
  /** What blocks are trained on. */
  TRAIN,
  /** What attention targets and the choice of a checkpoint come from. */
  DEV,
  /** What scores come from. */
  TEST;

  /** Name of the split in files and folders: {@code train}, {@code dev} or {@code test}. */
  public String folder() {
    return name().toLowerCase(Locale.ROOT);
  }
}
