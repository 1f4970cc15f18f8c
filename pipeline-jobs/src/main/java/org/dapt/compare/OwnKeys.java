package org.dapt.compare;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.config.read.Leaves;
import org.dapt.config.read.Origins;
import org.dapt.config.read.SettingReader;

/** The keys that every run of a comparison has of its own: who states them elsewhere is told. */
final class OwnKeys {
  /** The key that a trial has of its own, too. */
  static final String SPLIT = "evaluate.split";

  private static final SortedMap<String, String> INSTEAD =
      new TreeMap<>(
          Map.of(
              "run.dir", "compare.dir",
              "run.data", "compare.dir",
              "run.seed", "compare.seeds",
              "tasks.order", "compare.orders",
              "method.name", "compare.methods"));

  /** Keys that count where the comparison states none of its own. */
  private static final List<String> BY_DEFAULT = List.of("run.seed", "tasks.order");

  private OwnKeys() {}

  /** Reports those that {@code section} of the comparison, called {@code where}, states. */
  static void check(SettingReader in, String where, ConfigObject section) {
    INSTEAD.forEach(
        (key, instead) ->
            check(
                in,
                where,
                section,
                key,
                "every run of a comparison has its own: state " + instead));
  }

  /** The same of what is tried, which is scored on dev sets. */
  static void checkTried(SettingReader in, String where, ConfigObject section) {
    check(in, where, section);
    check(in, where, section, SPLIT, "what is tried is scored on dev sets: take it out");
  }

  private static void check(
      SettingReader in, String where, ConfigObject section, String key, String why) {
    ConfigValue stated = Leaves.at(section, key);
    if (stated != null) {
      in.values()
          .fail(
              where,
              "%s states %s (%s), but %s."
                  .formatted(where, key, Origins.where(stated.origin()), why));
    }
  }

  /**
   * Reports that {@code key} is on the command line, where {@code instead} is stated and the key
   * does not count.
   */
  static void checkCounts(SettingReader in, String key, String instead) {
    List<String> path = ConfigUtil.splitPath(key);
    in.values()
        .section(path.get(0))
        .map(section -> section.get(path.get(1)))
        .filter(value -> Origins.isCommandLine(value.origin()))
        .ifPresent(
            value ->
                in.values()
                    .fail(
                        key,
                        "-D %s is given, but %s is stated and counts: give -D %s."
                            .formatted(key, instead, instead)));
  }

  /** Whether {@code override} ({@code key=value}) is of a key that counts by default. */
  static boolean isDefault(String override) {
    return BY_DEFAULT.contains(key(override));
  }

  /**
   * Refuses {@code override}, which is meant for all runs, if it would make one run of several.
   *
   * @throws org.dapt.error.ConfigException if so
   */
  static void checkOverride(String override) {
    INSTEAD.forEach(
        (key, instead) -> {
          if (states(override, key)) {
            throw new org.dapt.error.ConfigException(
                "-D %s is given, but every run of a comparison has its own: state %s."
                    .formatted(key, instead));
          }
        });
  }

  /** The key of {@code override} as messages write it. */
  static String key(String override) {
    String key = override.substring(0, Math.max(0, override.indexOf('='))).strip();
    try {
      return ConfigUtil.joinPath(ConfigUtil.splitPath(key));
    } catch (ConfigException e) {
      // Whoever reads it says so.
      return key;
    }
  }

  /** Whether {@code override} states {@code key}, by itself or in a section. */
  static boolean states(String override, String key) {
    String stated = key(override);
    String value = override.substring(override.indexOf('=') + 1).strip();
    if (!key.startsWith(stated + ".") || !value.startsWith("{")) {
      return key.equals(stated);
    }
    try {
      ConfigObject section = ConfigFactory.parseString("value = " + value).getObject("value");
      return Leaves.at(section, key.substring(stated.length() + 1)) != null;
    } catch (ConfigException e) {
      return false;
    }
  }
}
