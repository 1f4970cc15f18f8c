package org.dapt.run;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a learnt task lies.
 *
 * @param task its name
 * @param folder its folder in the run, as a URI
 * @param selection the folder of a {@link StoredSelection} whose key it has, as a URI; null where
 *     it has its own
 */
public record LearntFolder(String task, String folder, String selection) implements Serializable {
  /** The folders of {@code tasks}, the first ones that {@code run} has learnt. */
  public static List<LearntFolder> of(RunDirectory run, List<String> tasks) {
    Optional<StoredSelection> fitted = StoredSelection.newest(run, tasks);
    List<LearntFolder> folders = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      int position = i + 1;
      folders.add(
          new LearntFolder(
              tasks.get(i),
              run.task(position, tasks.get(i)).toString(),
              fitted
                  .filter(selection -> position <= selection.step())
                  .map(selection -> selection.folder().toString())
                  .orElse(null)));
    }
    return folders;
  }
}
