package org.dapt.config.read;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.config.key.Keys;

/**
 * The values of the command line.
 *
 * <p>A value that starts with a quotation mark and, where the key is no text, one that starts with
 * a bracket or a brace is HOCON. Any other is taken literally, so that {@code hdfs://host/dir} and
 * {@code local[2]} need no quotation marks, which shells take away.
 *
 * @param config the keys of dapt
 * @param spark the keys that start with {@code spark.}; a value may be null. Apart from the others
 *     because of keys such as {@code spark.speculation}, which has a value and is the beginning of
 *     other keys
 */
public record Overrides(Config config, Map<String, String> spark) {
  public static Overrides parse(
      List<String> overrides, Reference reference, Keys keys, Problems problems) {
    var config = ConfigFactory.empty();
    var spark = new HashMap<String, String>();
    for (var override : overrides) {
      var equals = override.indexOf('=');
      var key = override.substring(0, Math.max(equals, 0)).strip();
      if (key.isEmpty()) {
        problems.add("-D %s has no key and value, expected -D key=value.".formatted(override));
        continue;
      }
      try {
        if (key.startsWith(Reference.SPARK + ".")) {
          var value = value(override.substring(equals + 1), true);
          spark.put(
              key, value.valueType() == ConfigValueType.NULL ? null : value.unwrapped().toString());
        } else {
          ConfigUtil.splitPath(key);
          config =
              config.withValue(
                  key, value(override.substring(equals + 1), isText(reference, keys.today(key))));
        }
      } catch (ConfigException e) {
        problems.add(
            "-D %s cannot be read: %s".formatted(shown(key, override), Documents.reason(e)));
      }
    }
    return new Overrides(config, spark);
  }

  private static String shown(String key, String override) {
    return Redaction.looksSecret(key)
        ? key + "=" + Redaction.show(key, override)
        : Redaction.within(override);
  }

  private static boolean isText(Reference reference, String key) {
    var last = ConfigUtil.splitPath(key).get(ConfigUtil.splitPath(key).size() - 1);
    var known =
        reference
            .keys()
            .get(
                key.startsWith(Reference.TASK_OVERRIDES + ".")
                    ? Reference.OF_ONE_TASK.getOrDefault(last, key)
                    : key);
    return known != null
        && (known.valueType() == ConfigValueType.STRING
            || known.valueType() == ConfigValueType.NULL);
  }

  private static ConfigValue value(String text, boolean isText) {
    var stripped = text.strip();
    if (stripped.equals("null")) {
      return ConfigValueFactory.fromAnyRef(null, Origins.COMMAND_LINE);
    }
    var hocon =
        stripped.startsWith("\"")
            || (!isText && (stripped.startsWith("[") || stripped.startsWith("{")));
    if (!hocon) {
      return ConfigValueFactory.fromAnyRef(text, Origins.COMMAND_LINE);
    }
    return fromCommandLine(
        Documents.fromText("value = " + stripped, Origins.COMMAND_LINE)
            .resolve()
            .getValue("value"));
  }

  /** {@code value} as it is written, 001 included, which as a number would be 1. */
  private static ConfigValue fromCommandLine(ConfigValue value) {
    if (value instanceof ConfigList list) {
      return ConfigValueFactory.fromIterable(
          list.stream().map(Overrides::fromCommandLine).toList(), Origins.COMMAND_LINE);
    }
    if (value instanceof ConfigObject section) {
      var values = new LinkedHashMap<String, ConfigValue>();
      section.forEach((name, inner) -> values.put(name, fromCommandLine(inner)));
      return ConfigValueFactory.fromMap(values, Origins.COMMAND_LINE);
    }
    return value.withOrigin(ConfigOriginFactory.newSimple(Origins.COMMAND_LINE));
  }
}
