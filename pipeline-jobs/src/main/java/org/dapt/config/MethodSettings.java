package org.dapt.config;

import org.dapt.method.ContinualMethods;

/**
 * The method of continual learning.
 *
 * @param name one of {@link ContinualMethods#names()}
 */
public record MethodSettings(String name) {
  static MethodSettings read(SettingReader in) {
    return new MethodSettings(in.choice("method.name", ContinualMethods.names()));
  }
}
