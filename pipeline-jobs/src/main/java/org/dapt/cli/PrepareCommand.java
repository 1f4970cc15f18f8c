package org.dapt.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt prepare}. */
@Command(
    name = "prepare",
    mixinStandardHelpOptions = true,
    description = "Turns task files into tokenised Parquet shards.",
    footer = {"", "Example:", "  dapt prepare --config conf/quickstart.conf"})
final class PrepareCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Parameters(
      paramLabel = "TASK",
      arity = "0..*",
      description = "Names of tasks; all of tasks.order where none is given.")
  private List<String> tasks = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(options.config()).prepare(tasks), json);
    }
    Application application = Application.toPrepare(options.config());
    try (Session session = application.session()) {
      application.prepare(session, tasks);
    }
    return 0;
  }
}
