package org.dapt.config.read;

import com.typesafe.config.ConfigOrigin;

/** Where a value was stated, as it is written in messages. */
public final class Origins {
  /** The origin of the values of the command line. */
  static final String COMMAND_LINE = "-D";

  private Origins() {}

  /** Whether a value of the command line has {@code origin}. */
  public static boolean isCommandLine(ConfigOrigin origin) {
    return origin.description().equals(COMMAND_LINE);
  }

  /** {@code file:line}, {@code -D}, or what else is known of the origin. */
  public static String where(ConfigOrigin origin) {
    var line = origin.lineNumber();
    var source = origin.filename();
    if (source == null) {
      // A description ends in the line unless there is none.
      source = origin.description().replaceFirst(": \\d+(-\\d+)?$", "");
    }
    return line > 0 ? source + ":" + line : source;
  }
}
