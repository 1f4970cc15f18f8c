package org.dapt.error;

import java.util.Optional;
import java.util.stream.Stream;

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

  /** The outermost one among {@code failure} and its causes. */
  public static Optional<DaptException> in(Throwable failure) {
    return Stream.iterate(failure, cause -> cause != null, Throwable::getCause)
        .filter(DaptException.class::isInstance)
        .map(DaptException.class::cast)
        .findFirst();
  }

  /** The code with which the process exits when this failure ends it. */
  public ExitCode exitCode() {
    return exitCode;
  }
}
