package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dapt run}. */
@Command(
    name = "run",
    mixinStandardHelpOptions = true,
    description = {
      "Learns and evaluates all of tasks.order one after the other.",
      "What is done already is skipped: the same command goes on where it stopped."
    },
    footer = {"", "Example:", "  dapt run --config conf/quickstart.conf"})
final class RunCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(options.config()).run(), json);
    }
    Application application = options.application();
    try (Session session = application.session()) {
      ReportText.print(session, application.run(session).results(), json);
    }
    return 0;
  }
}
