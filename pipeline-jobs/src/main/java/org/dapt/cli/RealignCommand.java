package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.bank.Realigned;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dapt realign}. */
@Command(
    name = "realign",
    mixinStandardHelpOptions = true,
    description = {
      "Fits again what chooses among a run's blocks.",
      "Keys and query network are fitted to the replayed inputs of all learnt tasks; blocks and"
          + " language model stay as they are. Evaluate afterwards."
    },
    footer = {"", "Example:", "  dapt realign --run runs/both", "  dapt evaluate --run runs/both"})
final class RealignCommand implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    Application application = run.application();
    try (Session session = application.session()) {
      Realigned realigned = application.bank().realign(session);
      System.out.print(json ? BankText.json(realigned) : BankText.of(realigned));
    }
    return 0;
  }
}
