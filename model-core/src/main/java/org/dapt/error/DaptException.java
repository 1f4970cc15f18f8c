package org.dapt.error;

/**
 * A failure that the user can act on. The message says what was found, what was expected, which key
 * or file it concerns, and what to do; it is printed without a stack trace.
 */
public abstract sealed class DaptException extends RuntimeException
    permits ConfigException, InputException, TrainingException, LeaseException {
  private static final long serialVersionUID = 1L;

  private final ExitCode exitCode;

  DaptException(ExitCode exitCode, String message, Throwable cause) {
    super(message, cause);
    this.exitCode = exitCode;
  }

  /** The code with which the process exits when this failure ends it. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
