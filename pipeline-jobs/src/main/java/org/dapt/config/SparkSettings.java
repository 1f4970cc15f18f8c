package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.dapt.config.read.Leaves;
import org.dapt.config.read.Redaction;
import org.dapt.config.read.Reference;

/** The section that is handed to Spark: any keys, flattened to texts. */
final class SparkSettings {
  static final String SECTION = Reference.SPARK;
  static final String PREFIX = SECTION + ".";

  private SparkSettings() {}

  /**
   * The keys of the section and of the command line, each with the prefix {@code spark.}. Nulls
   * unset a key; so do values that were redacted in a stored configuration.
   *
   * @param merged the resolved documents
   * @param overrides the keys of the command line with their prefix; a value may be null
   */
  static Map<String, String> of(Config merged, Map<String, String> overrides) {
    var flat = new TreeMap<String, String>();
    if (merged.root().get(SECTION) instanceof ConfigObject section) {
      Leaves.walk(
          section,
          path -> false,
          (path, value) -> flat.put(PREFIX + String.join(".", path), text(value)));
    }
    flat.putAll(overrides);
    flat.entrySet()
        .removeIf(
            entry ->
                entry.getValue() == null || Redaction.isRedacted(entry.getKey(), entry.getValue()));
    return flat;
  }

  private static String text(ConfigValue value) {
    return switch (value.valueType()) {
      case NULL, OBJECT -> null;
      case LIST ->
          ((ConfigList) value).stream().map(SparkSettings::text).collect(Collectors.joining(","));
      // As it is written: 0.60 stays 0.60.
      default -> value.atKey("value").getString("value");
    };
  }
}
