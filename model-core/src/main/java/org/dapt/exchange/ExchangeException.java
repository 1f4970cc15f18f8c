package org.dapt.exchange;

/**
 * A rank could not reach its peers: one of them has left, died or not come in time. It says nothing
 * about the cause on the other side, and a new attempt of the whole gang may succeed.
 */
public final class ExchangeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Reports {@code message}, caused by {@code cause}, which may be null. */
  public ExchangeException(String message, Throwable cause) {
    super(message, cause);
  }
}
