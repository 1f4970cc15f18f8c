package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt train}. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Learns one prepared task.",
    footer = {"", "Example:", "  dapt train --config conf/quickstart.conf"})
final class TrainCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Parameters(
      paramLabel = "TASK",
      arity = "0..1",
      description = "Name of the task; the next one of tasks.order where none is given.")
  private String task;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(options.config()).train(task), json);
    }
    Application application = options.application();
    try (Session session = application.session()) {
      application.train(session, task);
    }
    return 0;
  }
}
