package org.dapt.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dapt run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description =
        "Learns all tasks of tasks.order one after the other, evaluates after each, prints the scores.")
final class RunCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Override
  public Integer call() throws Exception {
    System.out.print(options.application().run());
    return 0;
  }
}
