package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.net.MalformedURLException;
import java.net.URL;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The content of {@code reference.conf}: every key and its default.
 *
 * @param config the document
 * @param keys every key with its default, without those of {@code spark}; a default may be null
 */
record Reference(Config config, SortedMap<String, ConfigValue> keys) {
  /** Reads the file that lies in the same jar or class folder as this class. */
  static Reference load() {
    var config =
        ConfigFactory.parseURL(
            location(),
            ConfigParseOptions.defaults()
                .setAllowMissing(false)
                .setOriginDescription("reference.conf"));
    var keys = new TreeMap<String, ConfigValue>();
    Leaves.walk(
        config.root().withoutKey(SparkSettings.SECTION),
        path -> false,
        (path, value) -> keys.put(ConfigUtil.joinPath(path), value));
    return new Reference(config, Collections.unmodifiableSortedMap(keys));
  }

  /** Whether {@code path} is a section of keys, {@code train} for example. */
  boolean isSection(String path) {
    return path.equals(SparkSettings.SECTION)
        || keys.keySet().stream().anyMatch(key -> key.startsWith(path + "."));
  }

  private static URL location() {
    // By its place, not by its name alone: other libraries bring a reference.conf too.
    var here = Reference.class.getResource("Reference.class");
    try {
      return new URL(here, "../../../reference.conf");
    } catch (MalformedURLException e) {
      throw new IllegalStateException("No reference.conf beside " + here, e);
    }
  }
}
