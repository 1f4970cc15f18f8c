package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.function.BiConsumer;
import org.dapt.config.key.Key;
import org.dapt.config.key.Keys;
import org.dapt.config.read.Leaves;
import org.dapt.digest.Sha256;

/**
 * The identity of a configuration: SHA-256 over the keys that decide what is learnt. Left out is
 * what is declared to be: the order of the tasks, which may grow, the place of the run, and what
 * concerns only the cluster, checks and reports. A key that came later is left out where it says
 * what held before, and one that was renamed counts under its first name, so that the hash of a
 * stored run stays. Of a key that may change, the hash of a run keeps the value that the run was
 * started with.
 */
public final class ConfigHash {
  private ConfigHash() {}

  /**
   * The hash of a resolved configuration as 64 hexadecimal digits. It depends neither on the order
   * of the keys nor on how numbers are written.
   */
  public static String of(Config resolved) {
    return of(resolved, DaptConfig.KEYS);
  }

  /** The same for a run that was {@code started} with another resolved configuration. */
  static String of(Config resolved, Config started) {
    var document = resolved;
    for (var key : DaptConfig.KEYS.all()) {
      if (key.mayChange() && started.hasPath(key.name())) {
        document = document.withValue(key.name(), started.getValue(key.name()));
      }
    }
    return of(document);
  }

  /** The same for a configuration that has {@code keys}. */
  static String of(Config resolved, Keys keys) {
    var lines = new StringBuilder();
    walk(
        hashed(resolved, keys),
        (key, value) -> lines.append(key).append('=').append(canonical(value)).append('\n'));
    return Sha256.of(lines.toString());
  }

  /** What takes part in the hash, by the names that stored runs know. */
  private static Config hashed(Config resolved, Keys keys) {
    var hashed = new HashMap<String, ConfigValue>();
    walk(
        resolved,
        (name, value) -> {
          var key = keys.of(name).orElse(null);
          if (key == null) {
            hashed.put(name, value);
          } else if (key.hashed() && !isAsBefore(key, value)) {
            hashed.put(key.firstName() + name.substring(key.name().length()), value);
          }
        });
    var document = ConfigFactory.empty();
    for (var entry : hashed.entrySet()) {
      document = document.withValue(entry.getKey(), entry.getValue());
    }
    return document;
  }

  private static boolean isAsBefore(Key key, ConfigValue value) {
    return key.asBefore().isPresent() && canonical(key.asBefore().get()).equals(canonical(value));
  }

  private static void walk(Config document, BiConsumer<String, ConfigValue> visitor) {
    Leaves.walk(
        document.root(),
        path -> false,
        (path, value) -> visitor.accept(ConfigUtil.joinPath(path), value));
  }

  /** Whether a run has to keep its value of {@code key}. */
  static boolean counts(String key) {
    return DaptConfig.KEYS.of(key).map(of -> of.hashed() && !of.mayChange()).orElse(true);
  }

  private static String canonical(ConfigValue value) {
    return value.valueType() == ConfigValueType.NUMBER
        ? new BigDecimal(value.unwrapped().toString()).stripTrailingZeros().toString()
        : value.render(ConfigRenderOptions.concise());
  }
}
