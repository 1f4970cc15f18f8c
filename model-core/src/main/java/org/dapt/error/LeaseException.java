package org.dapt.error;

/**
 * Another process holds the lease of the directory to be written. Exit code {@link ExitCode#LEASE}.
 */
public final class LeaseException extends DaptException {
  private static final long serialVersionUID = 1L;

  /** Reports {@code message}, without a cause. */
  public LeaseException(String message) {
    this(message, null);
  }

  /** Reports {@code message}, caused by {@code cause}. */
  public LeaseException(String message, Throwable cause) {
    super(ExitCode.LEASE, message, cause);
  }
}
