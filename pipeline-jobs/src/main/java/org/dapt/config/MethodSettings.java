package org.dapt.config;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.config.read.SettingReader;
import org.dapt.method.ContinualMethods;

/**
 * The method of continual learning.
 *
 * @param name one of {@link ContinualMethods#names()}
 * @param options those that the method has of its own, each with its value, stated or not
 */
public record MethodSettings(String name, SortedMap<String, Object> options) {
  /** Keeps a copy of {@code options}. */
  public MethodSettings {
    options = Collections.unmodifiableSortedMap(new TreeMap<>(options));
  }

  static MethodSettings read(SettingReader in) {
    var name = in.choice("method.name", ContinualMethods.names());
    return new MethodSettings(
        name,
        in.values().areSound("method.name")
            ? new OwnOptions(in.values()).read(ContinualMethods.named(name))
            : Collections.emptySortedMap());
  }
}
