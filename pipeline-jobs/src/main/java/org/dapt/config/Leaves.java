package org.dapt.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** Walks the values of a document, nulls and empty sections included. */
final class Leaves {
  private Leaves() {}

  /**
   * Visits every value that is no section, every empty section and every section at which {@code
   * stop} holds, by alphabet.
   *
   * @param stop given the names on the way to a section, says whether it is not entered
   */
  static void walk(
      ConfigObject root,
      Predicate<List<String>> stop,
      BiConsumer<List<String>, ConfigValue> visitor) {
    walk(List.of(), root, stop, visitor);
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
