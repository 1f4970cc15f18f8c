package org.dapt.compare;

import com.typesafe.config.ConfigValue;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.error.NearestNames;

/**
 * The runs of a comparison and their configurations, as a file and the command line say: each of
 * {@code compare.methods} in each order, setting and with each seed. Knows nothing of what is
 * there.
 */
public final class Comparison {
  private static final String ORDERS = "compare.orders";

  private final CompareSettings settings;
  private final CellConfig configs;
  private final Places places;

  /** By the names of trials. */
  private final Map<String, String> hashes = new ConcurrentHashMap<>();

  private Comparison(CompareSettings settings, CellConfig configs) {
    this.settings = settings;
    this.configs = configs;
    this.places = configs.places();
  }

  /**
   * Reads a configuration file.
   *
   * @param overrides texts of the form {@code key=value}, for the comparison and for all its runs;
   *     orders that are stated as one section take the place of those of the file
   * @throws ConfigException with all problems
   */
  public static Comparison load(Path file, List<String> overrides) {
    List<String> ofRuns = new ArrayList<>();
    List<String> ofAll = new ArrayList<>();
    for (String override : overrides) {
      if (OwnKeys.key(override).startsWith("compare.") || OwnKeys.isDefault(override)) {
        ofAll.add(override);
      } else {
        OwnKeys.checkOverride(override);
        ofRuns.add(override);
      }
    }
    boolean replacesOrders = ofAll.stream().map(OwnKeys::key).anyMatch(ORDERS::equals);
    CompareSettings settings =
        ConfigLoader.read(file, in -> CompareSettings.read(in, replacesOrders), ofAll);
    ofRuns.forEach(override -> checkTuning(override, settings));
    Comparison comparison = new Comparison(settings, new CellConfig(file, ofRuns, settings));
    // What is wrong with any run is said before the first one starts.
    Map<String, Cell> seen = new LinkedHashMap<>();
    comparison.runs().forEach(cell -> seen.putIfAbsent(cell.tunedTogether(), cell));
    seen.values().forEach(comparison::check);
    return comparison;
  }

  /** What the command line says goes above what is tried, which would be tried in vain. */
  private static void checkTuning(String override, CompareSettings settings) {
    for (String method : settings.methods()) {
      if (!settings.tune().tries(method)) {
        continue;
      }
      for (String key : settings.tune().grid().get(method).keySet()) {
        if (OwnKeys.states(override, key)) {
          throw new ConfigException(
              "-D %s is given and goes above the values that compare.tune.grid tries for %s: leave it out, take the key out of the grid, or give -D compare.tune.tasks=0."
                  .formatted(key, method));
        }
      }
      if (OwnKeys.states(override, OwnKeys.SPLIT)) {
        throw new ConfigException(
            "-D %s is given and goes above that of what compare.tune tries, which is scored on dev sets: state it in the file, or give -D compare.tune.tasks=0."
                .formatted(OwnKeys.SPLIT));
      }
    }
  }

  private void check(Cell cell) {
    configs.of(cell, Map.of());
    trials(cell.method(), cell.setting()).forEach(trial -> configs.of(trial, Map.of()));
  }

  /** The section. */
  public CompareSettings settings() {
    return settings;
  }

  /** Where its parts lie. */
  public Places places() {
    return places;
  }

  /** All runs that are compared: by setting, order, seed and method. */
  public List<Cell> runs() {
    List<Cell> cells = new ArrayList<>();
    for (String setting : settings.settings().keySet()) {
      settings
          .orders()
          .forEach(
              (order, tasks) -> {
                for (long seed : settings.seeds()) {
                  for (String method : settings.methods()) {
                    cells.add(Cell.run(method, order, tasks, setting, seed));
                  }
                }
              });
    }
    return cells;
  }

  /** The runs by which settings are chosen, of all methods and settings. */
  public List<Cell> trials() {
    List<Cell> trials = new ArrayList<>();
    for (String setting : settings.settings().keySet()) {
      for (String method : settings.methods()) {
        trials.addAll(trials(method, setting));
      }
    }
    return trials;
  }

  /** Those of one method and setting; none where nothing is tried for it. */
  List<Cell> trials(String method, String setting) {
    List<Cell> trials = new ArrayList<>();
    if (settings.tune().tries(method)) {
      String order = settings.orders().firstKey();
      Cell first =
          Cell.run(method, order, settings.orders().get(order), setting, settings.seeds().get(0));
      for (SortedMap<String, ConfigValue> values : settings.tune().combinations(method)) {
        trials.add(first.trial(values, settings.tune()));
      }
    }
    return trials;
  }

  /**
   * The run called {@code name}.
   *
   * @throws ConfigException if there is none
   */
  public Cell named(String name) {
    List<Cell> all = new ArrayList<>(runs());
    all.addAll(trials());
    return all.stream()
        .filter(cell -> cell.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigException(
                    "--cell %s is no run of this comparison; the nearest is %s, and dapt compare --list has all."
                        .formatted(
                            name,
                            all.stream()
                                .map(Cell::name)
                                .min(NearestNames.to(name))
                                .orElseThrow())));
  }

  /** What the configuration of {@code trial} hashes to. */
  String configHash(Cell trial) {
    return hashes.computeIfAbsent(trial.name(), name -> configs.of(trial, Map.of()).hash());
  }

  /**
   * The configuration of {@code cell}.
   *
   * @param chosen what was chosen for its method in its setting, by key; empty where that is not
   *     known or nothing is tried
   */
  public DaptConfig config(Cell cell, Map<String, String> chosen) {
    return configs.of(cell, chosen);
  }
}
