package org.dapt.compare;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.config.read.Leaves;
import org.dapt.config.read.Origins;
import org.dapt.config.read.SettingReader;

/**
 * The section {@code compare.tune}.
 *
 * @param tasks of so many first tasks of the order settings are tried; 0 for none
 * @param grid by method, the values of each key
 * @param overrides what is different while they are tried
 */
public record TuneSettings(
    int tasks, SortedMap<String, SortedMap<String, ConfigList>> grid, ConfigObject overrides) {
  private static final String GRID = "compare.tune.grid";
  private static final String OVERRIDES = "compare.tune.overrides";

  static TuneSettings read(SettingReader in) {
    SortedMap<String, SortedMap<String, ConfigList>> grid = new TreeMap<>();
    CompareSettings.sections(in, GRID)
        .forEach(
            (method, keys) -> {
              CompareSettings.checkMethod(in, GRID, method);
              OwnKeys.checkTried(in, GRID + "." + method, keys);
              SortedMap<String, ConfigList> values = new TreeMap<>();
              Leaves.walk(
                  keys, path -> false, (path, value) -> add(in, method, path, value, values));
              grid.put(method, values);
            });
    int tasks = in.wholeNumber("compare.tune.tasks", 0);
    if (tasks > 0 && grid.isEmpty() && in.values().areSound(GRID)) {
      in.values()
          .reject(
              "compare.tune.tasks",
              "0, because compare.tune.grid is empty: state there what is tried");
    }
    ConfigObject overrides =
        in.values().section(OVERRIDES).orElseGet(() -> ConfigFactory.empty().root());
    OwnKeys.checkTried(in, OVERRIDES, overrides);
    return new TuneSettings(tasks, grid, overrides);
  }

  private static void add(
      SettingReader in,
      String method,
      List<String> path,
      ConfigValue value,
      SortedMap<String, ConfigList> values) {
    String key = ConfigUtil.joinPath(path);
    if (value instanceof ConfigList list && !list.isEmpty()) {
      values.put(key, list);
      if (new HashSet<>(list).size() < list.size()) {
        in.values()
            .fail(
                GRID,
                "%s.%s.%s (%s) has a value twice, expected each once: they would be one trial."
                    .formatted(GRID, method, key, Origins.where(value.origin())));
      }
    } else {
      in.values()
          .fail(
              GRID,
              "%s.%s.%s (%s) is no list of values: expected those that are tried, as in [3e-4, 1e-3]."
                  .formatted(GRID, method, key, Origins.where(value.origin())));
    }
  }

  /** Whether anything is tried for {@code method}. */
  boolean tries(String method) {
    return tasks > 0 && grid.containsKey(method);
  }

  /** All combinations of values for {@code method}; of several keys the last varies first. */
  List<SortedMap<String, ConfigValue>> combinations(String method) {
    List<SortedMap<String, ConfigValue>> all = new ArrayList<>(List.of(new TreeMap<>()));
    grid.get(method)
        .forEach(
            (key, values) -> {
              List<SortedMap<String, ConfigValue>> longer = new ArrayList<>();
              for (SortedMap<String, ConfigValue> one : all) {
                for (ConfigValue value : values) {
                  SortedMap<String, ConfigValue> more = new TreeMap<>(one);
                  more.put(key, value);
                  longer.add(more);
                }
              }
              all.clear();
              all.addAll(longer);
            });
    return all;
  }
}
