package org.dapt.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt prepare}. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = "Turns task files into tokenised Parquet shards.")
final class PrepareCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Parameters(
      paramLabel = "TASK",
      arity = "0..*",
      description = "Names of tasks; all of tasks.order where none is given.")
  private List<String> tasks = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    options.application().prepare(tasks);
    return 0;
  }
}
