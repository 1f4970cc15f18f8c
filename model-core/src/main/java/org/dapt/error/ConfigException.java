package org.dapt.error;

/** The command line or the configuration is wrong. Exit code {@link ExitCode#CONFIGURATION}. */
public final class ConfigException extends DaptException {
  private static final long serialVersionUID = 1L;

  /** Reports {@code message}, without a cause. */
  public ConfigException(String message) {
    this(message, null);
  }

  /** Reports {@code message}, caused by {@code cause}. */
  public ConfigException(String message, Throwable cause) {
    super(ExitCode.CONFIGURATION, message, cause);
  }
}
