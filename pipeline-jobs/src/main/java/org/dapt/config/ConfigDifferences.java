package org.dapt.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.dapt.config.key.TypedSettings;

/** Tells in which keys a stored configuration and a new one are not the same run. */
public final class ConfigDifferences {
  private ConfigDifferences() {}

  /**
   * One line per key that takes part in the hash and differs, {@code train.epochs: 10 in the run,
   * 20 now} for example, by alphabet. Empty if and only if the hashes are equal.
   */
  public static List<String> between(DaptConfig stored, DaptConfig now) {
    var before = TypedSettings.of(stored);
    var after = TypedSettings.of(now);
    var keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    return keys.stream()
        .filter(ConfigHash::counts)
        .filter(key -> !Objects.equals(before.get(key), after.get(key)))
        .map(
            key ->
                "%s: %s in the run, %s now"
                    .formatted(key, text(before.get(key)), text(after.get(key))))
        .toList();
  }

  private static String text(Object value) {
    if (value == null) {
      return "not set";
    }
    return value instanceof Double number
        ? BigDecimal.valueOf(number).stripTrailingZeros().toPlainString()
        : value.toString();
  }
}
