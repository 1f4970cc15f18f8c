package org.dapt.config;

import java.math.BigDecimal;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.dapt.config.key.TypedSettings;

/** Tells in which keys a stored configuration and a new one are not the same run. */
public final class ConfigDifferences {
  private ConfigDifferences() {}

  /**
   * One line per key that a run has to keep and that differs, {@code train.epochs: 10 in the run,
   * 20 now} for example, by alphabet. Empty if and only if {@code now} has the hash of {@code
   * stored} where its run goes on.
   */
  public static List<String> between(DaptConfig stored, DaptConfig now) {
    return lines(stored, now, key -> true, "%s: %s in the run, %s now");
  }

  /**
   * One line per key that a run has to keep, fulfils {@code which} and differs, {@code
   * train.epochs: 10 there, 20 here} for example.
   */
  public static List<String> betweenRuns(
      DaptConfig there, DaptConfig here, Predicate<String> which) {
    return lines(there, here, which, "%s: %s there, %s here");
  }

  private static List<String> lines(
      DaptConfig one, DaptConfig other, Predicate<String> which, String form) {
    var before = TypedSettings.of(one);
    var after = TypedSettings.of(other);
    var keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    return keys.stream()
        .filter(ConfigHash::counts)
        .filter(which)
        .filter(key -> !Objects.equals(before.get(key), after.get(key)))
        .map(key -> form.formatted(key, text(before.get(key)), text(after.get(key))))
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
