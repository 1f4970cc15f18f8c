package org.dapt.config;

/** Which of the parameters that a task has had are kept. */
public enum SelectedParameters {
  /** Those after the last step. */
  LAST,
  /** Those whose answers to dev inputs score best. */
  BEST_DEV
}
