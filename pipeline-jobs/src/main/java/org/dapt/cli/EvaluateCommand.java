package org.dapt.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Evaluates every task learnt so far.")
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "After how many learnt tasks; after all of them where it is not given.")
  private Integer step;

  @Override
  public Integer call() throws Exception {
    options.application().evaluate(step);
    return 0;
  }
}
