package org.dapt.cli;

import java.util.concurrent.Callable;
import org.dapt.app.Application;
import org.dapt.job.Session;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dapt replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = "Makes pseudo samples of a learnt task, for later ones.",
    footer = {"", "Example:", "  dapt replay --run runs/mine"})
final class ReplayCommand implements Callable<Integer> {
  @Mixin private ConfigOptions options;

  @Parameters(
      paramLabel = "TASK",
      arity = "0..1",
      description = "Name of the task; the one learnt last where none is given.")
  private String task;

  @Override
  public Integer call() throws Exception {
    Application application = options.application();
    try (Session session = application.session()) {
      application.replay(session, task);
    }
    return 0;
  }
}
