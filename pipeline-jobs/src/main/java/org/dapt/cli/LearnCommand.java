package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.job.Session;
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
    Application application = options.application();
    try (Session session = application.session()) {
      ReportText.print(session, application.learn(session, task).results(), json);
    }
    return 0;
  }
}
