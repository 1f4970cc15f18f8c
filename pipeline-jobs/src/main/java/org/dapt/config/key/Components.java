package org.dapt.config.key;

import java.lang.reflect.RecordComponent;
import java.util.Locale;

/** Names and values of records' components. */
final class Components {
  private Components() {}

  /** {@code maxNewTokens} as {@code max-new-tokens}. */
  static String kebab(String camel) {
    return camel.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }

  static Object value(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component, e);
    }
  }
}
