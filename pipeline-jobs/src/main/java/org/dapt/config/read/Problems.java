package org.dapt.config.read;

import java.util.ArrayList;
import java.util.List;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;

/** What is wrong with a configuration, gathered so that it is reported at once. */
public final class Problems {
  private final List<String> lines = new ArrayList<>();

  /** Adds one problem as one line. */
  public void add(String line) {
    lines.add(Shown.line(line.replaceAll("\\s*\\R\\s*", " ")));
  }

  /**
   * Reports the problems.
   *
   * @throws ConfigException with a line per problem, if there are any
   */
  public void throwIfAny() {
    if (lines.size() == 1) {
      throw new ConfigException(lines.get(0));
    }
    if (!lines.isEmpty()) {
      throw new ConfigException(
          "The configuration has %d problems:\n  %s"
              .formatted(lines.size(), String.join("\n  ", lines)));
    }
  }
}
