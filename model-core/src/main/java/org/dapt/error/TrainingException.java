package org.dapt.error;

/**
 * Training cannot go on: it diverged, or too many executors were lost. Exit code {@link
 * ExitCode#TRAINING}.
 */
public final class TrainingException extends DaptException {
  /** How the message begins where a loss is not finite: it would be so again. */
  public static final String DIVERGED = "Training diverged";

  private static final long serialVersionUID = 1L;

  /** Reports {@code message}, without a cause. */
  public TrainingException(String message) {
    this(message, null);
  }

  /** Reports {@code message}, caused by {@code cause}. */
  public TrainingException(String message, Throwable cause) {
    super(ExitCode.TRAINING, message, cause);
  }
}
