package org.dapt.error;

/** The process exit codes that schedulers and scripts may rely on. */
public enum ExitCode {
  /** Done, or already done. */
  OK(0),
  /** A defect or an environment failure that none of the other codes describes. */
  INTERNAL(1),
  /** The command line or the configuration is wrong. */
  CONFIGURATION(2),
  /** Input data, a model folder or a stored artifact is missing, malformed or corrupted. */
  INPUT(3),
  /** Training failed: it diverged, or an executor was lost beyond the retry budget. */
  TRAINING(4),
  /** Another process holds the lease of the directory. */
  LEASE(5);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** The number that the process exits with. */
  public int code() {
    return code;
  }
}
