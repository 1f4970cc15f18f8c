package org.dapt.config.read;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Walks the values of a document, nulls and empty sections included. */
public final class Leaves {
  private Leaves() {}

  /**
   * Visits every value that is no section, every empty section and every section at which {@code
   * stop} holds, by alphabet.
   *
   * @param stop given the names on the way to a section, says whether it is not entered
   */
  public static void walk(
      ConfigObject root,
      Predicate<List<String>> stop,
      BiConsumer<List<String>, ConfigValue> visitor) {
    walk(List.of(), root, stop, visitor);
  }

  /** The value at {@code key} below {@code root}; null where there is none. */
  public static ConfigValue at(ConfigObject root, String key) {
    ConfigValue at = root;
    for (var name : ConfigUtil.splitPath(key)) {
      at = at instanceof ConfigObject section ? section.get(name) : null;
    }
    return at;
  }

  private static void walk(
      List<String> path,
      ConfigObject section,
      Predicate<List<String>> stop,
      BiConsumer<List<String>, ConfigValue> visitor) {
    new TreeMap<>(section)
        .forEach(
            (name, value) -> {
              var here = new ArrayList<>(path);
              here.add(name);
              if (value instanceof ConfigObject inner && !inner.isEmpty() && !stop.test(here)) {
                walk(here, inner, stop, visitor);
              } else {
                visitor.accept(here, value);
              }
            });
  }
}
