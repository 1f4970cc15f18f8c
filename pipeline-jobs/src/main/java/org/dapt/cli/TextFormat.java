package org.dapt.cli;

import org.dapt.error.ConfigException;
import picocli.CommandLine.Option;

/** Whether people or machines read what a command prints on standard output. */
final class TextFormat {
  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "Of what is printed: text or json. Default: ${DEFAULT-VALUE}")
  private String format;

  /** Whether it is to be one JSON document. */
  boolean isJson() {
    return switch (format) {
      case "text" -> false;
      case "json" -> true;
      default -> throw new ConfigException("--format is " + format + ", expected text or json.");
    };
  }
}
