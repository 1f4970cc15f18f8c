package org.dapt.compare;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.digest.Sha256;

/**
 * Where the parts of a comparison lie.
 *
 * @param dir its folder, {@code compare.dir}
 */
public record Places(Path dir) {
  private static final int DIGITS = 12;

  /** The run directory of {@code cell}. */
  public Path run(Cell cell) {
    return new Path(new Path(dir, cell.isTrial() ? "tune" : "runs"), cell.name());
  }

  /** The log of {@code cell}, where it is a process of its own. */
  public Path log(Cell cell) {
    return new Path(new Path(dir, "logs"), cell.name() + ".log");
  }

  /** What was chosen for the method of {@code cell} in its setting. */
  Path chosen(Cell cell) {
    return new Path(new Path(dir, "tune"), cell.tunedTogether() + ".json");
  }

  /** A file or folder of the outcome. */
  public Path outcome(String name) {
    return new Path(new Path(dir, "outcome"), name);
  }

  /**
   * The prepared data of the runs with {@code config}: the same folder for all whose tasks are
   * prepared alike.
   */
  Path data(DaptConfig config) {
    Map<String, Object> counting = new TreeMap<>(config.values(List.of("tasks")));
    counting.keySet().removeIf(key -> !decidesPreparation(key));
    counting.put("model.path", config.model().path());
    String key = Sha256.of(counting.toString()).substring(0, DIGITS);
    return new Path(new Path(dir, "data"), key);
  }

  private static boolean decidesPreparation(String key) {
    return key.startsWith("tasks.overrides.")
        ? key.matches(".*\\.(template|max-train|max-dev|max-test)")
        : !key.equals("tasks.order") && !key.equals("tasks.metric");
  }
}
