package org.dapt.run;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a learnt task lies.
 *
 * @param task its name
 * @param folder its folder in the run, as a URI
 */
public record LearntFolder(String task, String folder) implements Serializable {
  /** The folders of {@code tasks}, the first ones that {@code run} has learnt. */
  public static List<LearntFolder> of(RunDirectory run, List<String> tasks) {
    List<LearntFolder> folders = new ArrayList<>();
    for (int i = 0; i < tasks.size(); i++) {
      folders.add(new LearntFolder(tasks.get(i), run.task(i + 1, tasks.get(i)).toString()));
    }
    return folders;
  }
}
