package org.dapt.jinja;

/** A template that cannot be read, or that cannot be rendered with what it was given. */
public final class JinjaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean raised;

  JinjaException(String message) {
    this(message, false);
  }

  private JinjaException(String message, boolean raised) {
    super(message);
    this.raised = raised;
  }

  /** What a template's own {@code raise_exception} says. */
  static JinjaException raised(String message) {
    return new JinjaException(message, true);
  }

  /** At {@code line}. */
  static JinjaException at(int line, String message) {
    return new JinjaException("line %d: %s".formatted(line, message));
  }

  /** Whether the template itself refuses what it was given, by {@code raise_exception}. */
  public boolean isRaised() {
    return raised;
  }
}
