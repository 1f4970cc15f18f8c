package org.dapt.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.TaskFolder;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;

/** Finds out which tasks a run has learnt from the folders that are finished. */
final class LearntTasks {
  private static final Pattern FOLDER = Pattern.compile("(\\d{2,9})-(.+)");

  private record Learnt(int index, String task, Path folder) {}

  private LearntTasks() {}

  /** The tasks with a marker of {@code configHash} below {@code tasks}, in order. */
  static List<String> of(FileSystem files, Path tasks, String configHash) {
    ArrayList<String> names = new ArrayList<String>();
    for (LearntTasks.Learnt learnt : finished(files, tasks, configHash)) {
      checkName(learnt);
      if (learnt.index() <= names.size()) {
        throw new InputException(
            "%s holds a second finished task at position %d, beside %s. One is expected: delete the folder that does not belong to the run."
                .formatted(learnt.folder(), learnt.index(), names.get(learnt.index() - 1)));
      }
      if (learnt.index() > names.size() + 1) {
        throw new InputException(
            "%s is finished, but there is no finished task at position %d in %s. Restore it, or delete the folders of the later tasks to learn them again."
                .formatted(learnt.folder(), names.size() + 1, tasks));
      }
      int earlier = names.indexOf(learnt.task());
      if (earlier >= 0) {
        throw new InputException(
            "%s is finished, but the same task was learnt at position %d. A task is expected once: delete the folder that does not belong to the run."
                .formatted(learnt.folder(), earlier + 1));
      }
      names.add(learnt.task());
    }
    return List.copyOf(names);
  }

  /** Names of folders become paths of the run again. */
  private static void checkName(Learnt learnt) {
    try {
      TaskFolder.checkName(learnt.task());
    } catch (ConfigException e) {
      throw new InputException(
          "%s is finished, but its name is not that of a task: expected a position and the name of a task, as in 01-colour. Delete the folder."
              .formatted(learnt.folder()),
          e);
    }
    if (learnt.index() < 1
        || !learnt.folder().getName().equals(RunFolder.ofTask(learnt.index(), learnt.task()))) {
      throw new InputException(
          "%s is finished, but positions are written 01, 02 and so on. Delete the folder, which does not belong to the run."
              .formatted(learnt.folder()));
    }
  }

  private static List<Learnt> finished(FileSystem files, Path tasks, String configHash) {
    ArrayList<LearntTasks.Learnt> found = new ArrayList<Learnt>();
    try {
      for (FileStatus status : files.listStatus(tasks)) {
        Matcher name = FOLDER.matcher(status.getPath().getName());
        if (status.isDirectory()
            && name.matches()
            && Marker.of(files, status.getPath())
                .configHash()
                .filter(configHash::equals)
                .isPresent()) {
          found.add(new Learnt(Integer.parseInt(name.group(1)), name.group(2), status.getPath()));
        }
      }
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("The tasks of the run in " + tasks + " cannot be listed", e);
    }
    found.sort(Comparator.comparingInt(Learnt::index).thenComparing(Learnt::task));
    return found;
  }
}
