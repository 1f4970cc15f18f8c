package org.dapt.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.nio.file.InvalidPathException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoublePredicate;
import java.util.function.Function;
import org.dapt.data.prepare.PromptTemplate;
import org.dapt.data.reader.NearestNames;
import org.dapt.data.reader.TaskFolder;

/**
 * Reads single keys as types. A key that cannot be read is a problem and yields a value that is of
 * no use, so that the other keys are checked all the same.
 */
final class SettingReader {
  private static final int FOUND_SHOWN = 80;

  private final ConfigObject root;
  private final SettingPaths paths;
  private final Problems problems;
  private final Set<String> read = new HashSet<>();
  private final Set<String> failed = new HashSet<>();

  /**
   * Reads from {@code root}.
   *
   * @param root the resolved documents
   */
  SettingReader(ConfigObject root, SettingPaths paths, Problems problems) {
    this.root = root;
    this.paths = paths;
    this.problems = problems;
  }

  /** The keys that were read so far. */
  Set<String> keysRead() {
    return Set.copyOf(read);
  }

  /** Whether all {@code keys} were read without a problem. */
  boolean areSound(String... keys) {
    return Arrays.stream(keys).noneMatch(failed::contains);
  }

  /** Reports that {@code key} has a value of the right type that fits not to others. */
  void reject(String key, String expected) {
    failed.add(key);
    find(key).ifPresent(value -> mismatch(key, value, expected));
  }

  long anyLong(String key) {
    return scalar(
        key, "a whole number of 64 bits", text -> new BigDecimal(text).longValueExact(), 0L);
  }

  int wholeNumber(String key, int least) {
    return scalar(
        key,
        "a whole number from %d to %d".formatted(least, Integer.MAX_VALUE),
        text -> {
          var number = new BigDecimal(text).intValueExact();
          return number < least ? null : (Integer) number;
        },
        least);
  }

  double positive(String key) {
    return number(key, value -> value > 0, "a number above 0");
  }

  double number(String key, DoublePredicate allowed, String expected) {
    return scalar(
        key,
        expected,
        text -> {
          var number = new BigDecimal(text).doubleValue();
          // Minus zero would be another configuration than zero.
          return Double.isFinite(number) && allowed.test(number) ? (Double) (number + 0.0) : null;
        },
        0.0);
  }

  boolean flag(String key) {
    return scalar(
        key,
        "true or false",
        text ->
            switch (text) {
              case "true", "yes", "on" -> Boolean.TRUE;
              case "false", "no", "off" -> Boolean.FALSE;
              default -> null;
            },
        false);
  }

  Duration duration(String key) {
    return scalar(
        key,
        "a duration above 0 with its unit, 120s for example",
        text -> {
          // Without a unit it would count milliseconds, which is not what anyone means.
          if (!text.isEmpty() && Character.isDigit(text.charAt(text.length() - 1))) {
            return null;
          }
          var parsed = ConfigValueFactory.fromAnyRef(text).atKey("d").getDuration("d");
          return parsed.isNegative() || parsed.isZero() ? null : parsed;
        },
        Duration.ZERO);
  }

  String choice(String key, List<String> allowed) {
    var sorted = String.join(", ", allowed);
    return scalar(
        key,
        found ->
            "one of "
                + sorted
                + "; the nearest is "
                + allowed.stream().min(NearestNames.to(found)).orElse("none"),
        text -> allowed.contains(text) ? text : null,
        "");
  }

  String template(String key) {
    return scalar(
        key,
        "super-ni, long-sequence or a text with the places {definition} and {input}",
        text -> {
          PromptTemplate.of(text);
          return text;
        },
        "");
  }

  /** A path that must be set, made absolute. */
  String path(String key) {
    var value = find(key);
    if (value.isPresent() && value.get().valueType() == ConfigValueType.NULL) {
      failed.add(key);
      problems.add(
          "%s is not set and has no default: state it in the configuration file or with -D %1$s=..."
              .formatted(key));
      return "";
    }
    var path = optionalPath(key);
    return path == null ? "" : path;
  }

  /** A path made absolute, null where it is not set. */
  String optionalPath(String key) {
    var value = find(key);
    if (value.isEmpty() || value.get().valueType() == ConfigValueType.NULL) {
      return null;
    }
    return scalar(
        key,
        "a path or a URI; ~ is not replaced by the home directory",
        text ->
            text.isBlank() || text.equals("~") || text.startsWith("~/")
                ? null
                : paths.absolute(text, value.get().origin()),
        "");
  }

  /** The names of a list, or of a text that has commas between them. */
  List<String> taskNames(String key) {
    var value = find(key).orElse(null);
    if (value == null) {
      return List.of();
    }
    var names = texts(value);
    if (names == null) {
      failed.add(key);
      mismatch(key, value, "a list of task names");
      return List.of();
    }
    var seen = new HashSet<String>();
    for (var name : names) {
      try {
        TaskFolder.checkName(name);
      } catch (org.dapt.error.ConfigException e) {
        failed.add(key);
        problems.add(
            ("%s has the name '%s' (%s), expected names of folders below tasks.root, without / \\ or : and not"
                    + " starting with a dot or an underscore.")
                .formatted(key, name, Origins.where(value.origin())));
      }
      if (!seen.add(name)) {
        failed.add(key);
        problems.add(
            "%s has the name '%s' twice (%s), expected each task once."
                .formatted(key, name, Origins.where(value.origin())));
      }
    }
    return names;
  }

  private static List<String> texts(ConfigValue value) {
    if (value instanceof ConfigList list) {
      return list.stream().allMatch(SettingReader::isScalar)
          ? list.stream().map(SettingReader::text).toList()
          : null;
    }
    if (!isScalar(value)) {
      return null;
    }
    var text = text(value);
    return text.isBlank()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(String::strip).toList();
  }

  private <T> T scalar(String key, String expected, Function<String, T> parse, T useless) {
    return scalar(key, found -> expected, parse, useless);
  }

  /** Reads by {@code parse}, which returns null or throws what parsers throw for a wrong text. */
  private <T> T scalar(
      String key, Function<String, String> expected, Function<String, T> parse, T useless) {
    var value = find(key).orElse(null);
    if (value == null) {
      return useless;
    }
    T parsed = null;
    var text = isScalar(value) ? text(value) : "";
    try {
      parsed = isScalar(value) ? parse.apply(text) : null;
    } catch (ArithmeticException
        | NumberFormatException
        | InvalidPathException
        | ConfigException
        | org.dapt.error.ConfigException e) {
      // Told by the message below, which has the key and the place.
      parsed = null;
    }
    if (parsed == null) {
      failed.add(key);
      mismatch(key, value, expected.apply(text));
      return useless;
    }
    return parsed;
  }

  /** Nothing where a section on the way is a mere value, which is reported as such elsewhere. */
  private Optional<ConfigValue> find(String key) {
    read.add(key);
    ConfigValue at = root;
    for (var name : ConfigUtil.splitPath(key)) {
      at = at instanceof ConfigObject section ? section.get(name) : null;
    }
    if (at == null) {
      failed.add(key);
    }
    return Optional.ofNullable(at);
  }

  private void mismatch(String key, ConfigValue value, String expected) {
    var found =
        switch (value.valueType()) {
          case OBJECT -> "a section";
          case NUMBER -> text(value);
          default -> value.render(ConfigRenderOptions.concise());
        };
    if (found.length() > FOUND_SHOWN) {
      found = found.substring(0, FOUND_SHOWN) + "...";
    }
    problems.add(
        "%s is %s (%s), expected %s."
            .formatted(key, found, Origins.where(value.origin()), expected));
  }

  private static boolean isScalar(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> true;
      case NULL, LIST, OBJECT -> false;
    };
  }

  private static String text(ConfigValue value) {
    // As it is written, also for numbers.
    return value.atKey("value").getString("value");
  }
}
