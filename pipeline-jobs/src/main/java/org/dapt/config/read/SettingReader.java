package org.dapt.config.read;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import org.dapt.config.key.Choices;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.option.ValueType;

/**
 * Reads single keys as types. A key that cannot be read is a problem and yields a value that is of
 * no use, so that the other keys are checked all the same.
 */
public final class SettingReader {
  private final CheckedValues values;
  private final SettingPaths paths;

  /**
   * Reads from {@code root}.
   *
   * @param root the resolved documents
   */
  public SettingReader(ConfigObject root, SettingPaths paths, Problems problems) {
    this.values = new CheckedValues(root, problems);
    this.paths = paths;
  }

  /** The values behind the types. */
  public CheckedValues values() {
    return values;
  }

  public long anyLong(String key) {
    return values.scalar(key, ValueType.anyLong());
  }

  public int wholeNumber(String key, int least) {
    return values.scalar(key, ValueType.wholeNumber(least));
  }

  public double positive(String key) {
    return values.scalar(key, ValueType.positive());
  }

  public double number(String key, DoublePredicate allowed, String expected) {
    return values.scalar(key, ValueType.number(allowed, expected, 0));
  }

  public boolean flag(String key) {
    return values.scalar(key, ValueType.flag());
  }

  public Duration duration(String key) {
    return duration(key, d -> !d.isZero(), "a duration above 0 with its unit, 120s for example");
  }

  public Duration durationOrZero(String key) {
    return duration(key, d -> true, "a duration with its unit, 120s for example, or 0s");
  }

  private Duration duration(String key, Predicate<Duration> allowed, String expected) {
    return scalar(
        key,
        expected,
        text -> {
          var parsed = parsedDuration(text);
          return parsed == null || parsed.isNegative() || !allowed.test(parsed) ? null : parsed;
        },
        Duration.ZERO);
  }

  private static Duration parsedDuration(String text) {
    // Without a unit it would count milliseconds, which is not what anyone means.
    if (!text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1))) {
      return null;
    }
    try {
      return ConfigValueFactory.fromAnyRef(text).atKey("d").getDuration("d");
    } catch (ConfigException e) {
      return null;
    }
  }

  public String choice(String key, List<String> allowed) {
    return values.scalar(key, ValueType.choice(allowed));
  }

  /** A constant of {@code type} by its text of {@link Choices}. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) {
    return Choices.of(type, choice(key, Choices.texts(type)));
  }

  public String template(String key) {
    return scalar(
        key,
        "super-ni, long-sequence, chat or a text with the places {definition} and {input}",
        text -> {
          PromptTemplate.check(text);
          return text;
        },
        "");
  }

  /** A path that must be set, made absolute. */
  public String path(String key) {
    var value = values.find(key);
    if (value.isPresent() && value.get().valueType() == ConfigValueType.NULL) {
      values.fail(
          key,
          "%s is not set and has no default: state it in the configuration file or with -D %1$s=..."
              .formatted(key));
      return "";
    }
    var path = optionalPath(key);
    return path == null ? "" : path;
  }

  /** A path made absolute, null where it is not set. */
  public String optionalPath(String key) {
    var value = values.find(key);
    if (value.isEmpty() || value.get().valueType() == ConfigValueType.NULL) {
      return null;
    }
    return scalar(
        key,
        "a path or a URI without a password; ~ is not replaced by the home directory",
        text ->
            text.isBlank()
                    || Redaction.hasPassword(text)
                    || text.equals("~")
                    || text.startsWith("~/")
                ? null
                : paths.absolute(text, value.get().origin()),
        "");
  }

  /** The address of a web server, null where it is not set. */
  public String optionalAddress(String key) {
    var value = values.find(key);
    if (value.isEmpty() || value.get().valueType() == ConfigValueType.NULL) {
      return null;
    }
    return scalar(
        key,
        "an address that starts with http:// or https://, without a password",
        text -> {
          var address = URI.create(text);
          var web = "http".equals(address.getScheme()) || "https".equals(address.getScheme());
          return web && address.getHost() != null && !Redaction.hasPassword(text) ? text : null;
        },
        "");
  }

  /** A text that is not blank. */
  public String text(String key) {
    return scalar(key, "a text", text -> text.isBlank() ? null : text, "");
  }

  /** A list, or a text with commas, of some of {@code allowed}. */
  public List<String> choices(String key, List<String> allowed) {
    var value = values.find(key).orElse(null);
    if (value == null) {
      return List.of();
    }
    var chosen = TaskNames.texts(value);
    if (chosen == null || !allowed.containsAll(chosen)) {
      values.mismatch(key, value, "a list of names out of " + allowed);
      return List.of();
    }
    return chosen;
  }

  /** A list, or a text with commas, of at least one text. */
  public List<String> names(String key) {
    var value = values.find(key).orElse(null);
    if (value == null) {
      return List.of();
    }
    var names = TaskNames.texts(value);
    if (names == null || names.isEmpty() || names.stream().anyMatch(String::isBlank)) {
      values.mismatch(key, value, "a list of names");
      return List.of();
    }
    return names;
  }

  /** The texts of a section whose keys are some of {@code allowed}; blank ones, too. */
  public SortedMap<String, String> texts(String section, List<String> allowed) {
    return new TextSection(values).read(section, allowed);
  }

  /** The texts of a section that may have any keys; none is blank. */
  public SortedMap<String, String> texts(String section) {
    return new TextSection(values).read(section);
  }

  public List<String> taskNames(String key) {
    return new TaskNames(values).read(key);
  }

  private <T> T scalar(String key, String expected, Function<String, T> parse, T useless) {
    return values.scalar(key, ValueType.of(expected, parse, useless));
  }
}
