package org.dapt.compare;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.config.read.Documents;
import org.dapt.config.read.Reference;
import org.dapt.evaluate.UnseenTasks;

/**
 * Makes the configuration of a run out of the file of its comparison. The first of these that has a
 * key counts: what tells the runs apart; the command line; what is tried or was chosen; the setting
 * for the method; {@code compare.overrides} for the method; the setting; the file of the method;
 * the file of the comparison.
 *
 * @param file null for none
 * @param overrides of the command line, for all runs
 */
record CellConfig(Path file, List<String> overrides, CompareSettings settings) {
  private static final String METHOD = "method";

  /** Where the parts of the comparison lie. */
  Places places() {
    return new Places(new org.apache.hadoop.fs.Path(settings.dir()));
  }

  /**
   * The configuration of {@code cell}.
   *
   * @param chosen as in {@link Comparison#config}
   * @throws org.dapt.error.ConfigException with all problems
   */
  DaptConfig of(Cell cell, Map<String, String> chosen) {
    Config above = ConfigFactory.empty();
    if (cell.isTrial()) {
      for (Map.Entry<String, ConfigValue> value : cell.trial().entrySet()) {
        above = above.withValue(value.getKey(), value.getValue());
      }
      above =
          above
              .withFallback(settings.tune().overrides())
              .withValue("evaluate.split", ConfigValueFactory.fromAnyRef("dev"));
    } else {
      for (Map.Entry<String, String> value : chosen.entrySet()) {
        above =
            above.withValue(
                value.getKey(),
                ConfigFactory.parseString("value = " + value.getValue()).getValue("value"));
      }
    }
    ConfigObject setting = settings.settings().get(cell.setting());
    if (setting.get(CompareSettings.OF_METHODS) instanceof ConfigObject single) {
      above = under(above, section(single, cell.method()));
    }
    above = under(above, settings.overrides().get(cell.method()));
    above = under(above, setting.withoutKey(CompareSettings.OF_METHODS));
    above = under(above, ofMethodFile(cell.method()));
    Config all = own(cell).withFallback(above);
    DaptConfig config =
        ConfigLoader.load(
            file, document -> all.withFallback(document.withoutPath(METHOD)), overrides);
    DaptConfig own = config.withData(places().data(config).toString());
    // A trial is about dev sets, and nobody knows which of its tasks an unseen one would be.
    return cell.isTrial() || !UnseenTasks.canAnswer(cell.method()) ? own.withoutUnseen() : own;
  }

  private Config own(Cell cell) {
    return ConfigFactory.parseMap(
        Map.of(
            "method.name",
            cell.method(),
            "tasks.order",
            cell.tasks(),
            "run.seed",
            cell.seed(),
            "run.dir",
            places().run(cell).toString()),
        "compare");
  }

  private static Config under(Config above, ConfigObject below) {
    return below == null ? above : above.withFallback(below);
  }

  private static ConfigObject section(ConfigObject sections, String name) {
    return sections.get(name) instanceof ConfigObject section ? section : null;
  }

  /** What counts of the file of a method, which need not be there. */
  private ConfigObject ofMethodFile(String method) {
    Config stated = methodFile(method).resolve();
    Config taken = ConfigFactory.empty();
    for (Map.Entry<String, ConfigValue> section : stated.root().entrySet()) {
      if (settings.methodSections().contains(section.getKey())) {
        taken = taken.withValue(section.getKey(), section.getValue());
      }
    }
    return taken.root();
  }

  private Config methodFile(String method) {
    String name = method + ".conf";
    if (settings.methodFiles() == null) {
      return Reference.bundled("methods/" + name);
    }
    Path stated = CompareSettings.local(settings.methodFiles()).resolve(name);
    return Files.isRegularFile(stated) ? Documents.fromFile(stated) : ConfigFactory.empty();
  }
}
