package org.dapt.compare;

import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValue;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.digest.Sha256;

/**
 * One run of a comparison.
 *
 * @param method its name
 * @param order name of the order of tasks
 * @param tasks in that order; of a trial the first ones
 * @param setting name of the setting
 * @param seed of the run
 * @param trial what is tried, by key; empty for the runs that are compared
 * @param trialId by what it is told from other trials; null for the runs that are compared
 */
public record Cell(
    String method,
    String order,
    List<String> tasks,
    String setting,
    long seed,
    SortedMap<String, ConfigValue> trial,
    String trialId) {
  private static final int DIGITS = 8;
  private static final ConfigRenderOptions CONCISE = ConfigRenderOptions.concise();

  /** Keeps copies. */
  public Cell {
    tasks = List.copyOf(tasks);
    trial = Collections.unmodifiableSortedMap(new TreeMap<>(trial));
  }

  /** One of the runs that are compared. */
  static Cell run(String method, String order, List<String> tasks, String setting, long seed) {
    return new Cell(method, order, tasks, setting, seed, Collections.emptySortedMap(), null);
  }

  /** The same with {@code values}, as {@code tune} tries them. */
  Cell trial(SortedMap<String, ConfigValue> values, TuneSettings tune) {
    List<String> first = tasks.subList(0, Math.min(tune.tasks(), tasks.size()));
    String all = texts(values) + "\n" + tune.overrides().render(CONCISE) + "\n" + first;
    return new Cell(
        method, order, first, setting, seed, values, Sha256.of(all).substring(0, DIGITS));
  }

  /** The name, which is also that of its folder: no other run of the comparison has it. */
  public String name() {
    String run = String.join(".", method, order, setting, "seed" + seed);
    return isTrial() ? run + ".try-" + trialId : run;
  }

  /** Whether it is one of those by which settings are chosen. */
  public boolean isTrial() {
    return trialId != null;
  }

  /** What is tried, as texts. */
  public SortedMap<String, String> values() {
    return texts(trial);
  }

  private static SortedMap<String, String> texts(SortedMap<String, ConfigValue> values) {
    SortedMap<String, String> texts = new TreeMap<>();
    for (Map.Entry<String, ConfigValue> value : values.entrySet()) {
      texts.put(value.getKey(), value.getValue().render(CONCISE));
    }
    return texts;
  }

  /** The method's settings are chosen together for all of its runs of a setting. */
  String tunedTogether() {
    return method + "." + setting;
  }
}
