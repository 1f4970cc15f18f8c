package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.job.DryRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dapt run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = "Learns and evaluates all of tasks.order one after the other.",
    footer = {"", "Example:", "  dapt run --config conf/quickstart.conf"})
final class RunCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Override
  public Integer call() throws Exception {
    if (dryRun.isSet()) {
      System.out.print(new DryRun(options.config()).run());
      return 0;
    }
    System.out.print(options.application().run());
    return 0;
  }
}
