package org.dapt.data.table;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;

/**
 * Where the rows of a task lie.
 *
 * @param bySplit files of each split; empty where all rows lie together
 * @param together files with the rows of all splits; empty where each split has its own
 * @param shared whether rows of other tasks may be in the same files
 * @param stem what the files are called where they are shared: the name of their only task where no
 *     field says one
 */
public record TaskTables(
    Map<Split, List<TaskFile>> bySplit, List<TaskFile> together, boolean shared, String stem) {
  private static final int SHOWN = 8;

  /**
   * Finds those of {@code task}: a folder or a file of this name below {@code root}, or {@code
   * root} itself, as a file, as a folder with the split {@code needed}, or as one with files of no
   * split that are parts of one table or whose rows say their task.
   *
   * @param format of the tables
   * @param stated names of fields that the user states
   * @param needed the split that there must be where rows are apart by splits
   * @throws ConfigException if the name could lead out of {@code root}
   * @throws InputException if there are none
   */
  public static TaskTables find(
      Configuration hadoop,
      String root,
      String task,
      TableFormat format,
      FieldNames stated,
      Split needed)
      throws IOException {
    TaskFolder.checkName(task);
    try {
      return existing(hadoop, new Path(root), task, format, stated, needed);
    } catch (IllegalArgumentException e) {
      // Of file systems that do not allow all characters, as HDFS no colon.
      throw new ConfigException(
          "tasks.root = %s cannot be used: %s. Give a file, or a folder with a file or folder per task."
              .formatted(root, e.getMessage()),
          e);
    }
  }

  /** Whether a file of this name is a table. */
  public static boolean isTable(String name, List<String> endings) {
    return TableFiles.isTable(name, endings);
  }

  /** The file that says which fields there are. */
  public TaskFile first() {
    return Arrays.stream(Split.values())
        .filter(bySplit::containsKey)
        .findFirst()
        .map(split -> bySplit.get(split).get(0))
        .orElseGet(() -> together.get(0));
  }

  private static TaskTables existing(
      Configuration hadoop,
      Path root,
      String task,
      TableFormat format,
      FieldNames stated,
      Split needed)
      throws IOException {
    List<String> endings = format.endings();
    FileSystem files = root.getFileSystem(hadoop);
    FileStatus status;
    try {
      status = files.getFileStatus(root);
    } catch (FileNotFoundException e) {
      throw new InputException(
          "tasks.root = %s does not exist: expected a file, or a folder with a file or folder per task. Correct the key."
              .formatted(root),
          e);
    }
    String stem = TableFiles.stem(root.getName(), endings);
    if (status.isFile()) {
      return new TaskTables(Map.of(), List.of(TableFiles.taskFile(files, root)), true, stem);
    }
    Path folder = new Path(root, task);
    if (files.exists(folder) && files.getFileStatus(folder).isDirectory()) {
      return of(files, folder, TableFiles.in(files, folder, endings), endings, needed);
    }
    List<Path> named = new ArrayList<>();
    for (FileStatus child : files.listStatus(root)) {
      String name = child.getPath().getName();
      if (child.isFile()
          && TableFiles.isTable(name, endings)
          && TableFiles.stem(name, endings).equals(task)) {
        named.add(child.getPath());
      }
    }
    if (named.size() > 1) {
      throw new InputException(
          "There are %s for the task %s, expected one of them: remove the others."
              .formatted(named, task));
    }
    if (named.size() == 1) {
      return new TaskTables(
          Map.of(), List.of(TableFiles.taskFile(files, named.get(0))), false, task);
    }
    TableFiles all = TableFiles.in(files, root, endings);
    if (all.bySplit().containsKey(needed)) {
      return new TaskTables(all.bySplit(), List.of(), true, root.getName());
    }
    List<TaskFile> loose = TableFiles.loose(files, root, endings);
    if (TableFiles.areParts(loose)
        || (all.bySplit().isEmpty() && haveTasks(hadoop, format, stated, loose))) {
      TableFiles.requireOnce(loose, endings);
      return new TaskTables(Map.of(), loose, true, root.getName());
    }
    throw new InputException(
        "There is no task %s below %s: expected a folder of this name, a file of this name that ends with %s, or files of a %s split with the rows of all tasks. %s Correct tasks.order, tasks.root or tasks.format."
            .formatted(
                task, root, String.join(", ", endings), named(needed), nearest(files, root, task)));
  }

  private static boolean haveTasks(
      Configuration hadoop, TableFormat format, FieldNames stated, List<TaskFile> files)
      throws IOException {
    try {
      return !files.isEmpty() && TableTasks.field(hadoop, format, stated, files.get(0)) != null;
    } catch (InputException e) {
      // Of what is no file of tasks: that the task is not there says more.
      return false;
    }
  }

  private static TaskTables of(
      FileSystem files, Path folder, TableFiles found, List<String> endings, Split needed)
      throws IOException {
    if (found.bySplit().containsKey(needed)) {
      return new TaskTables(found.bySplit(), List.of(), false, folder.getName());
    }
    if (found.bySplit().isEmpty() && !found.others().isEmpty()) {
      TableFiles.requireOnce(found.others(), endings);
      return new TaskTables(Map.of(), found.others(), false, folder.getName());
    }
    throw new InputException(
        "%s has no %s split: expected a file whose name begins with %s and ends with %s, or files without other splits, of which the splits are made. %s Add the file, or correct tasks.format."
            .formatted(
                folder,
                named(needed),
                needed.folder(),
                String.join(", ", endings),
                nearest(files, folder, needed.folder())));
  }

  private static String named(Split split) {
    return split == Split.TRAIN ? "training" : split.folder();
  }

  private static String nearest(FileSystem files, Path folder, String wanted) throws IOException {
    List<String> names =
        Arrays.stream(files.listStatus(folder))
            .map(child -> child.getPath().getName())
            .sorted(NearestNames.to(wanted))
            .limit(SHOWN)
            .toList();
    return names.isEmpty()
        ? "There is nothing."
        : "There is " + Shown.of(String.join(", ", names)) + ".";
  }
}
