package org.dapt.error;

/**
 * Input data, a model folder or a stored artifact is missing, malformed or corrupted. Exit code
 * {@link ExitCode#INPUT}.
 */
public final class InputException extends DaptException {
  private static final long serialVersionUID = 1L;

  /** Reports {@code message}, without a cause. */
  public InputException(String message) {
    this(message, null);
  }

  /** Reports {@code message}, caused by {@code cause}. */
  public InputException(String message, Throwable cause) {
    super(ExitCode.INPUT, message, cause);
  }
}
