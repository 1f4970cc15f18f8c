package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Bank;
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

  @Override
  public Integer call() throws Exception {
    Forgotten forgotten = Bank.forget(run.folder(), run.overrides(), task);
    System.out.printf(
        "Forgot %s in %s. Left are %s.%n",
        forgotten.task(), forgotten.run(), String.join(", ", forgotten.left()));
    if (forgotten.sharedData() != null) {
      System.out.printf(
          "Its prepared data in %s are shared with other runs and still there: delete the folder where none needs it.%n",
          forgotten.sharedData());
    }
    if (forgotten.realigned() != null) {
      System.out.print(RealignCommand.text(forgotten.realigned()));
    }
    return 0;
  }
}
