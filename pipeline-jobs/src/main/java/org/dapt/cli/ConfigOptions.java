package org.dapt.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dapt.app.Application;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Option;

/** Where a command takes its configuration from. */
final class ConfigOptions {
  private static final Logger LOG = LoggerFactory.getLogger(ConfigOptions.class);

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Configuration (HOCON); conf/reference.conf explains every key.")
  private Path config;

  @Option(
      names = "--run",
      paramLabel = "DIR",
      description = "An existing run, with its configuration; in place of --config.")
  private String run;

  @Option(
      names = "-D",
      paramLabel = "KEY=VALUE",
      description = "Sets one key, above the file; may be repeated.")
  private List<String> overrides = new ArrayList<>();

  /** Opens the run that the options name. */
  Application application() {
    return Application.of(config());
  }

  /** The configuration that the options name; nothing is written. */
  DaptConfig config() {
    return config(List.of());
  }

  /**
   * The same with keys that other options of the command set, above the others.
   *
   * @param more {@code key=value}
   */
  DaptConfig config(List<String> more) {
    requireOne();
    List<String> all = new ArrayList<>(overrides);
    all.addAll(more);
    return run != null ? Application.configOf(run, all) : loaded(all);
  }

  private DaptConfig loaded(List<String> all) {
    DaptConfig loaded = ConfigLoader.load(config, all);
    LOG.info("Effective configuration:\n{}", loaded.effective());
    return loaded;
  }

  private void requireOne() {
    if (run != null && config != null) {
      throw new ConfigException(
          "Both --run and --config are given, expected one of them: --run takes the configuration"
              + " from the run.");
    }
    if (run == null && config == null && overrides.isEmpty()) {
      throw new ConfigException(
          "No configuration is given, expected --config FILE (conf/quickstart.conf is a small"
              + " example), --run DIR for a run that exists, or keys by -D key=value.");
    }
  }
}
