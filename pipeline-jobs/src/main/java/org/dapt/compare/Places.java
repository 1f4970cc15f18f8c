package org.dapt.compare;

import com.typesafe.config.ConfigUtil;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  /** What of {@code tasks.overrides} decides how a task is prepared. */
  private static final Set<String> OF_TASKS =
      Set.of("template", "max-train", "max-dev", "max-test");

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
    List<String> tasks = config.tasks().order();
    counting.keySet().removeIf(key -> !decidesPreparation(ConfigUtil.splitPath(key), tasks));
    counting.put("model.path", config.model().path());
    String key = Sha256.of(counting.toString()).substring(0, DIGITS);
    return new Path(new Path(dir, "data"), key);
  }

  /** What is different for a task counts where that is one of {@code tasks}. */
  private static boolean decidesPreparation(List<String> path, List<String> tasks) {
    String key = path.get(path.size() - 1);
    return path.get(1).equals("overrides")
        ? OF_TASKS.contains(key) && tasks.contains(path.get(2))
        : !key.equals("order") && !key.equals("metric");
  }
}
