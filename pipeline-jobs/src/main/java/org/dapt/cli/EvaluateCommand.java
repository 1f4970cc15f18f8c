package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.app.DryRun;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dapt evaluate}. */
@Command(
    name = "evaluate",
    mixinStandardHelpOptions = true,
    description = "Evaluates every task learnt so far.",
    footer = {"", "Example:", "  dapt evaluate --run runs/quickstart --step 2"})
final class EvaluateCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Mixin private DryRunOption dryRun;

  @Mixin private TextFormat format;

  @Option(
      names = "--step",
      paramLabel = "N",
      description = "After how many learnt tasks; after all of them where it is not given.")
  private Integer step;

  @Override
  public Integer call() throws Exception {
    boolean json = format.isJson();
    if (dryRun.isSet()) {
      return DryRunOption.print(new DryRun(options.config()).evaluate(step), json);
    }
    Application application = options.application();
    try (Session session = application.session()) {
      application.evaluate(session, step);
    }
    return 0;
  }
}
