package org.dapt.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.dapt.app.Bank;
import org.dapt.bank.Merged;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt merge}. */
@Command(
    name = "merge",
    mixinStandardHelpOptions = true,
    description = {
      "Puts the blocks of several runs into a new run.",
      "The runs have the same base model and no task in common; the ranks of their blocks may"
          + " differ. Realign the new run before it is used."
    },
    footer = {
      "",
      "Example:",
      "  dapt merge --runs runs/one,runs/other --output runs/both",
      "  dapt realign --run runs/both",
      "  dapt evaluate --run runs/both"
    })
final class MergeCommand implements Callable<Integer> {
  @Option(
      names = "--runs",
      paramLabel = "DIR",
      split = ",",
      required = true,
      description = "Their directories, with commas between them. The first gives the settings.")
  private List<String> runs;

  @Option(
      names = "--output",
      paramLabel = "DIR",
      required = true,
      description = "Directory of the new run: it is empty or does not exist.")
  private String output;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    Merged merged = Bank.merge(runs, output);
    System.out.print(json ? BankText.json(merged) : BankText.of(merged, output));
    return 0;
  }
}
