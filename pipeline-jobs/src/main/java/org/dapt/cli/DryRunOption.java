package org.dapt.cli;

import java.util.List;
import org.dapt.app.DryRunItem;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
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

  /**
   * Prints what was found out; returns the exit code.
   *
   * @throws InputException if something is missing
   * @throws ConfigException if something is refused
   */
  static int print(List<DryRunItem> items, boolean json) {
    System.out.print(json ? DryRunText.json(items) : DryRunText.text(items));
    List<DryRunItem> missing =
        items.stream().filter(item -> item.state() == DryRunItem.State.MISSING).toList();
    if (!missing.isEmpty()) {
      String first = missing.get(0).detail();
      throw new InputException(
          missing.size() == 1
              ? first
              : "%s\nAnd %d more are missing, see above.".formatted(first, missing.size() - 1));
    }
    List<DryRunItem> refused =
        items.stream().filter(item -> item.state() == DryRunItem.State.REFUSED).toList();
    if (!refused.isEmpty()) {
      String first = refused.get(0).subject() + ": " + refused.get(0).detail();
      throw new ConfigException(
          refused.size() == 1
              ? first
              : "%s\nAnd %d more are refused, see above.".formatted(first, refused.size() - 1));
    }
    return 0;
  }
}
