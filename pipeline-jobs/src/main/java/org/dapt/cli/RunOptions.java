package org.dapt.cli;

import java.util.ArrayList;
import java.util.List;
import org.dapt.app.Application;
import org.dapt.config.DaptConfig;
import picocli.CommandLine.Option;

/** The run that a command works on, which exists already. */
final class RunOptions {
  @Option(names = "--run", paramLabel = "DIR", required = true, description = "An existing run.")
  private String run;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "Sets one key above the run's configuration. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  /** The configuration that is stored in the run, with changes. */
  DaptConfig config() {
    return Application.configOf(run, overrides);
  }

  /** The run's directory. */
  String folder() {
    return run;
  }

  /** What is set above its configuration, {@code key=value}. */
  List<String> overrides() {
    return overrides;
  }

  /** Opens the run with the configuration that is stored there. */
  Application application() {
    return Application.of(config());
  }
}
