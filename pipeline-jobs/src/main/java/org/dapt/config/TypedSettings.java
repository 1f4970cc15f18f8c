package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.lang.reflect.RecordComponent;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The way back from the records to keys: a component {@code maxNewTokens} of the section {@code
 * evaluate} is the key {@code evaluate.max-new-tokens}.
 */
final class TypedSettings {
  private TypedSettings() {}

  /** Every key but those of {@code spark}, with a text, number, truth, list or null. */
  static SortedMap<String, Object> of(DaptConfig config) {
    var settings = new TreeMap<String, Object>();
    for (var section : DaptConfig.class.getRecordComponents()) {
      if (section.getType().isRecord()) {
        var record = value(config, section);
        for (var component : section.getType().getRecordComponents()) {
          var key = kebab(section.getName()) + "." + kebab(component.getName());
          if (value(record, component) instanceof Map<?, ?> free) {
            free.forEach(
                (name, value) ->
                    settings.put(key + "." + ConfigUtil.joinPath((String) name), value));
          } else {
            settings.put(key, plain(value(record, component)));
          }
        }
      }
    }
    return settings;
  }

  /** The same as a document. */
  static Config document(SortedMap<String, Object> settings) {
    var document = ConfigFactory.empty();
    for (var setting : settings.entrySet()) {
      document =
          document.withValue(setting.getKey(), ConfigValueFactory.fromAnyRef(setting.getValue()));
    }
    return document;
  }

  private static Object plain(Object value) {
    return value instanceof Duration duration ? text(duration) : value;
  }

  private static String text(Duration duration) {
    if (duration.equals(Duration.ofSeconds(duration.toSeconds()))) {
      return duration.toSeconds() + "s";
    }
    return duration.equals(Duration.ofMillis(duration.toMillis()))
        ? duration.toMillis() + "ms"
        : duration.toNanos() + "ns";
  }

  private static Object value(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("Cannot read " + component, e);
    }
  }

  private static String kebab(String camel) {
    return camel.replaceAll("(?=[A-Z])", "-").toLowerCase(Locale.ROOT);
  }
}
