package org.dapt.config.read;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.dapt.error.Shown;
import org.dapt.option.ValueType;

/**
 * Finds values by key, and keeps account of the keys that were read and of those that are wrong.
 */
public final class CheckedValues {
  private static final int FOUND_SHOWN = 80;

  private final ConfigObject root;
  private final Problems problems;
  private final Set<String> read = new HashSet<>();
  private final Set<String> failed = new HashSet<>();

  /**
   * Finds values in {@code root}.
   *
   * @param root the resolved documents
   */
  CheckedValues(ConfigObject root, Problems problems) {
    this.root = root;
    this.problems = problems;
  }

  /** The keys that were read so far. */
  public Set<String> keysRead() {
    return Set.copyOf(read);
  }

  /** Whether all {@code keys} were read without a problem. */
  public boolean areSound(String... keys) {
    return Arrays.stream(keys).noneMatch(failed::contains);
  }

  /** Reports that {@code key} has a value of the right type that does not fit to others. */
  public void reject(String key, String expected) {
    find(key).ifPresent(value -> mismatch(key, value, expected));
  }

  /** Reports {@code problem}, which is one of {@code key}. */
  public void fail(String key, String problem) {
    failed.add(key);
    problems.add(problem);
  }

  /** The value of {@code key} as a {@code type}. */
  <T> T scalar(String key, ValueType<T> type) {
    var value = find(key).orElse(null);
    if (value == null) {
      return type.useless();
    }
    var text = isScalar(value) ? text(value) : "";
    var parsed = isScalar(value) ? type.parse(text) : Optional.<T>empty();
    if (parsed.isEmpty()) {
      mismatch(key, value, type.expected(text));
    }
    return parsed.orElse(type.useless());
  }

  /** Nothing where a section on the way is a mere value, which is reported as such elsewhere. */
  Optional<ConfigValue> find(String key) {
    read.add(key);
    var found = at(key);
    if (found == null) {
      failed.add(key);
    }
    return Optional.ofNullable(found);
  }

  /** The section {@code path}, which may have any keys; nothing where there is none. */
  public Optional<ConfigObject> section(String path) {
    return at(path) instanceof ConfigObject section ? Optional.of(section) : Optional.empty();
  }

  private ConfigValue at(String key) {
    return Leaves.at(root, key);
  }

  /** Reports that {@code value} is not what is {@code expected}. */
  public void mismatch(String key, ConfigValue value, String expected) {
    var found =
        switch (value.valueType()) {
          case OBJECT -> "a section";
          case NUMBER -> text(value);
          default -> value.render(ConfigRenderOptions.concise());
        };
    found = Redaction.show(key, Shown.of(found)).toString();
    if (found.length() > FOUND_SHOWN) {
      found = found.substring(0, FOUND_SHOWN) + "...";
    }
    fail(
        key,
        "%s is %s (%s), expected %s."
            .formatted(key, found, Origins.where(value.origin()), expected));
  }

  /** Whether {@code value} can be read as a text. */
  static boolean isScalar(ConfigValue value) {
    return switch (value.valueType()) {
      case STRING, NUMBER, BOOLEAN -> true;
      case NULL, LIST, OBJECT -> false;
    };
  }

  /** A scalar as it is written, also if it is a number. */
  static String text(ConfigValue value) {
    return value.atKey("value").getString("value");
  }
}
