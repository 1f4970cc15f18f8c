package org.dapt.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt learn}. */
@Command(
    name = "learn",
    mixinStandardHelpOptions = true,
    description = "Learns one more task after those that a run has learnt.")
final class LearnCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Parameters(paramLabel = "TASK", description = "Name of its folder below tasks.root.")
  private String task;

  @Override
  public Integer call() throws Exception {
    System.out.print(options.application().learn(task));
    return 0;
  }
}
