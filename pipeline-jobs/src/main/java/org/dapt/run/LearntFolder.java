package org.dapt.run;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

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
    List<LearntFolder> folders = own(run, tasks);
    Optional<StoredSelection> fitted = StoredSelection.newest(run, tasks);
    for (int i = 0; fitted.isPresent() && i < fitted.get().step(); i++) {
      LearntFolder own = folders.get(i);
      folders.set(i, new LearntFolder(own.task, own.folder, fitted.get().folder().toString()));
    }
    return folders;
  }

  /** The same with what each was learnt with, whatever was fitted since. */
  static List<LearntFolder> own(RunDirectory run, List<String> tasks) {
    List<LearntFolder> folders = new ArrayList<>();
    for (String task : tasks) {
      folders.add(new LearntFolder(task, run.task(folders.size() + 1, task).toString(), null));
    }
    return folders;
  }

  /** This one with its own key. */
  public LearntFolder withoutSelection() {
    return new LearntFolder(task, folder, null);
  }

  /**
   * The digest of what {@code run} learnt of each task, by the name of its folder, and of the
   * selection that was fitted to them, where there is one.
   */
  public static Map<String, String> digests(RunDirectory run, List<LearntFolder> learnt) {
    Map<String, String> digests = new TreeMap<>();
    for (LearntFolder task : learnt) {
      Path folder = new Path(task.folder);
      digests.put(folder.getName(), run.learntSha256(folder));
      if (task.selection != null) {
        Path selection = new Path(task.selection);
        digests.put(
            RunFolder.SELECTION.folder() + "/" + selection.getName(),
            TrainingSummary.sha256(run.marker(selection)));
      }
    }
    return digests;
  }
}
