package org.dapt.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.math.BigDecimal;
import java.util.Set;
import org.dapt.digest.Sha256;

/**
 * The identity of a configuration: SHA-256 over the keys that decide what is learnt. Left out are
 * the order of the tasks, which may grow, the place of the run, and what concerns only the cluster,
 * checks and reports.
 */
public final class ConfigHash {
  private static final Set<String> LEFT_OUT =
      Set.of(
          "run.dir",
          "tasks.order",
          "train.ranks",
          "train.verify-frozen",
          "evaluate.overlap",
          "evaluate.single-task-run");

  private ConfigHash() {}

  /**
   * The hash of a resolved configuration as 64 hexadecimal digits. It depends neither on the order
   * of the keys nor on how numbers are written.
   */
  public static String of(Config resolved) {
    var lines = new StringBuilder();
    Leaves.walk(
        resolved.root(),
        path -> false,
        (path, value) -> {
          var key = ConfigUtil.joinPath(path);
          if (counts(key)) {
            lines.append(key).append('=').append(canonical(value)).append('\n');
          }
        });
    return Sha256.of(lines.toString());
  }

  /** Whether {@code key} takes part in the hash. */
  static boolean counts(String key) {
    return !LEFT_OUT.contains(key)
        && !key.startsWith("train.exchange")
        && !key.startsWith("checkpoint.")
        && !key.startsWith("metrics.")
        && !key.equals(SparkSettings.SECTION)
        && !key.startsWith(SparkSettings.PREFIX);
  }

  private static String canonical(ConfigValue value) {
    return value.valueType() == ConfigValueType.NUMBER
        ? new BigDecimal(value.unwrapped().toString()).stripTrailingZeros().toString()
        : value.render(ConfigRenderOptions.concise());
  }
}
