package org.dapt.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dapt report}. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Prints the score matrix and the metrics of a run.")
final class ReportCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Override
  public Integer call() throws Exception {
    System.out.print(options.application().report());
    return 0;
  }
}
