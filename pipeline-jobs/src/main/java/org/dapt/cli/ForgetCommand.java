package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Bank;
import org.dapt.bank.ForgetPlan;
import org.dapt.bank.Forgotten;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt forget}. */
@Command(
    name = "forget",
    mixinStandardHelpOptions = true,
    description = {
      "Takes a learnt task out of a run.",
      "Its block, key, samples, data, answers and scores are deleted; what chooses among the other"
          + " blocks is realigned, and they are evaluated. The scores of steps after it are deleted"
          + " too: its block was part of them."
    },
    footer = {"", "Example:", "  dapt forget --run runs/mine --task colour"})
final class ForgetCommand implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      required = true,
      description = "A learnt task of the run.")
  private String task;

  @Option(
      names = "--dry-run",
      description =
          "Says whether the task can be taken out and what would be left; changes nothing.")
  private boolean dryRun;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    if (dryRun) {
      ForgetPlan plan = Bank.planned(run.folder(), run.overrides(), task);
      System.out.print(
          json
              ? BankText.jsonOfPlan(run.folder(), task, plan)
              : BankText.planned(run.folder(), task, plan));
      return 0;
    }
    Forgotten forgotten = Bank.forget(run.folder(), run.overrides(), task);
    System.out.print(json ? BankText.json(forgotten) : BankText.of(forgotten));
    return 0;
  }
}
