package org.dapt.cli;

import java.util.List;
import org.dapt.app.DryRunItem;
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

  /** Prints what was found out; returns the exit code. */
  static int print(List<DryRunItem> items, boolean json) {
    System.out.print(json ? DryRunText.json(items) : DryRunText.text(items));
    return 0;
  }
}
