package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.DryRun;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt learn}. */
@Command(
    name = "learn",
    mixinStandardHelpOptions = true,
    description = "Learns one more task after those that a run has learnt.",
    footer = {"", "Example:", "  dapt learn --run runs/mine fourth"})
final class LearnCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Parameters(paramLabel = "TASK", description = "Name of its folder below tasks.root.")
  private String task;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(options.config()).learn(task), json);
    }
    System.out.print(options.application().learn(task, json));
    return 0;
  }
}
