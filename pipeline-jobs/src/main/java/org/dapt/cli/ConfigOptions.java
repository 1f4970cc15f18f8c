package org.dapt.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dapt.config.ConfigLoader;
import org.dapt.job.Application;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Where a command takes its configuration from. */
final class ConfigOptions {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigOptions.class);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration file (HOCON). conf/reference.conf explains every key.")
  private Path config;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description =
          "An existing run: its stored configuration is used. Not together with --config.")
  private String run;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "Sets one key, above the file. May be repeated.")
  private List<String> overrides = new ArrayList<>();

  /** Opens the run that the options name. */
  Application application() {
    if (run != null && config != null) {
      throw new org.dapt.error.ConfigException(
          "Both --run and --config are given, expected one of them: --run takes the configuration from the run.");
    }
    if (run != null) {
      return Application.ofRun(run, overrides);
    }
    var loaded = ConfigLoader.load(config, overrides);
    LOG.info("Effective configuration:\n{}", loaded.effective());
    return Application.of(loaded);
  }
}
