package org.dapt.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt train}. */
@Command(name = "train", mixinStandardHelpOptions = true, description = "Learns one prepared task.")
final class TrainCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Parameters(
      paramLabel = "TASK",
      arity = "0..1",
      description = "Name of the task; the next one of tasks.order where none is given.")
  private String task;

  @Override
  public Integer call() throws Exception {
    options.application().train(task);
    return 0;
  }
}
