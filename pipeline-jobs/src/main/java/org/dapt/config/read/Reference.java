package org.dapt.config.read;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The content of {@code reference.conf}: every key and its default.
 *
 * @param config the document
 * @param keys every key with its default, without those of the free sections; a default may be null
 */
public record Reference(Config config, SortedMap<String, ConfigValue> keys) {
  /** The section that is handed to Spark. */
  public static final String SPARK = "spark";

  /** The section that a file may have for its own substitutions, with any keys. */
  public static final String DEFINITIONS = "definitions";

  /** The section whose keys are the method's own. */
  public static final String METHOD_OPTIONS = "method.options";

  /** The section of the names of fields. */
  public static final String TASK_FIELDS = "tasks.fields";

  /** The section of what is different for some tasks. */
  public static final String TASK_OVERRIDES = "tasks.overrides";

  /** The section of the categories of unseen tasks. */
  public static final String CATEGORIES = "evaluate.categories";

  /** What a task can have of its own, with the keys of all tasks in whose place it stands. */
  public static final SortedMap<String, String> OF_ONE_TASK =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.of(
                  "epochs", "train.epochs",
                  "max-steps", "train.max-steps",
                  "learning-rate", "train.learning-rate",
                  "metric", "tasks.metric",
                  "template", "tasks.template",
                  "max-train", "tasks.max-train",
                  "max-dev", "tasks.max-dev",
                  "max-test", "tasks.max-test")));

  /** The section that {@code dapt compare} alone looks at. */
  public static final String COMPARE = "compare";

  /** The origin of the defaults. */
  static final String ORIGIN = "reference.conf";

  /** Sections that take any keys: for Spark, and for those to check whose they are. */
  private static final Set<String> FREE =
      Set.of(
          SPARK,
          METHOD_OPTIONS,
          TASK_FIELDS,
          TASK_OVERRIDES,
          CATEGORIES,
          COMPARE + ".orders",
          COMPARE + ".settings",
          COMPARE + ".overrides",
          COMPARE + ".tune.grid",
          COMPARE + ".tune.overrides");

  /**
   * Reads what belongs to a run of the file that lies in the same jar or class folder as this
   * class.
   */
  public static Reference load() {
    return of(file().withoutPath(COMPARE));
  }

  /** The same with what belongs to a comparison. */
  public static Reference withComparison() {
    return of(file());
  }

  private static Config file() {
    return ConfigFactory.parseURL(
        location(ORIGIN),
        ConfigParseOptions.defaults().setAllowMissing(false).setOriginDescription(ORIGIN));
  }

  private static Reference of(Config config) {
    var keys = new TreeMap<String, ConfigValue>();
    Leaves.walk(
        config.root(),
        path -> isFree(ConfigUtil.joinPath(path)),
        (path, value) -> {
          var key = ConfigUtil.joinPath(path);
          if (!isFree(key)) {
            keys.put(key, value);
          }
        });
    return new Reference(config, Collections.unmodifiableSortedMap(keys));
  }

  /** Whether {@code path} is a section of keys, {@code train} for example. */
  boolean isSection(String path) {
    return isFree(path) || keys.keySet().stream().anyMatch(key -> key.startsWith(path + "."));
  }

  /** Whether the section {@code path} takes any keys. */
  static boolean isFree(String path) {
    return FREE.contains(path);
  }

  /** What the file {@code name} says that comes with dapt; empty if there is none. */
  public static Config bundled(String name) {
    return ConfigFactory.parseURL(
        location(name), ConfigParseOptions.defaults().setAllowMissing(true));
  }

  private static URL location(String name) {
    // By its place, not by its name alone: other libraries bring a reference.conf too.
    var here = Reference.class.getResource("Reference.class");
    try {
      return new URL(here, "../../../../" + name);
    } catch (MalformedURLException e) {
      throw new IllegalStateException("No " + name + " beside " + here, e);
    }
  }
}
