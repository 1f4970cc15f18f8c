package org.dapt.data.prepare;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.data.reader.TaskFile;

/**
 * How many rows are left out.
 *
 * @param own bad rows of a task
 * @param nobodys bad rows that are of no task or split that is known, by the URI of their file:
 *     tasks that share a file have the same ones
 */
public record LeftOutRows(long own, SortedMap<String, Long> nobodys) {
  /** Copies the map. */
  public LeftOutRows {
    nobodys = Collections.unmodifiableSortedMap(new TreeMap<>(nobodys));
  }

  static LeftOutRows of(List<InspectedPart> parts) {
    long own = 0;
    SortedMap<String, Long> nobodys = new TreeMap<>();
    for (InspectedPart part : parts) {
      for (int i = 0; i < part.facts().size(); i++) {
        TaskFile.BadRows bad = part.facts().get(i).badRows();
        own += bad.own();
        nobodys.merge(part.part().files().get(i).uri(), bad.nobodys(), Math::max);
      }
    }
    return new LeftOutRows(own, nobodys);
  }

  /** Those of several tasks together, each row once. */
  public static long total(Collection<LeftOutRows> tasks) {
    SortedMap<String, Long> nobodys = new TreeMap<>();
    tasks.forEach(
        task -> task.nobodys.forEach((file, count) -> nobodys.merge(file, count, Math::max)));
    return tasks.stream().mapToLong(LeftOutRows::own).sum()
        + nobodys.values().stream().mapToLong(Long::longValue).sum();
  }
}
