package org.dapt.config.key;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.time.Duration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The way back from the records to the values of {@link Keys}. */
public final class TypedSettings {
  private TypedSettings() {}

  /**
   * Every key of the sections of {@code root} that are records, with a text, number, truth, list or
   * null.
   */
  public static SortedMap<String, Object> of(Record root) {
    var settings = new TreeMap<String, Object>();
    for (var section : root.getClass().getRecordComponents()) {
      if (section.getType().isRecord()) {
        var record = Components.value(root, section);
        for (var component : section.getType().getRecordComponents()) {
          var key =
              Components.kebab(section.getName()) + "." + Components.kebab(component.getName());
          if (Components.value(record, component) instanceof Map<?, ?> free) {
            free.forEach(
                (name, value) ->
                    put(settings, key + "." + ConfigUtil.joinPath((String) name), value));
          } else {
            settings.put(key, plain(Components.value(record, component)));
          }
        }
      }
    }
    return settings;
  }

  /** What components of {@code record} are not null, by the names that keys have. */
  public static SortedMap<String, Object> stated(Record record) {
    var stated = new TreeMap<String, Object>();
    for (var component : record.getClass().getRecordComponents()) {
      var value = Components.value(record, component);
      if (value != null) {
        stated.put(Components.kebab(component.getName()), plain(value));
      }
    }
    return stated;
  }

  private static void put(SortedMap<String, Object> settings, String key, Object value) {
    if (value instanceof Record section) {
      stated(section).forEach((name, inner) -> settings.put(key + "." + name, inner));
    } else {
      settings.put(key, value);
    }
  }

  /** The same as a document. */
  public static Config document(SortedMap<String, Object> settings) {
    var document = ConfigFactory.empty();
    for (var setting : settings.entrySet()) {
      document =
          document.withValue(setting.getKey(), ConfigValueFactory.fromAnyRef(setting.getValue()));
    }
    return document;
  }

  private static Object plain(Object value) {
    if (value instanceof Enum<?> constant) {
      return Choices.text(constant);
    }
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
}
