package org.dapt.cli;

import picocli.CommandLine.Option;

/** The option of commands that can say what they would do. */
final class DryRunOption {
  @Option(
      names = "--dry-run",
      description = "Checks everything and says what would be done; writes nothing.")
  private boolean dryRun;

  boolean isSet() {
    return dryRun;
  }
}
