package org.dapt.data.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which tasks there are in tables: those that {@link TaskTables#find} would find.
 *
 * @param format of the tables
 * @param stated names of fields that the user states
 * @param needed the split that a task must have where its files say splits
 */
public record TableTasks(
    Configuration hadoop, TableFormat format, FieldNames stated, Split needed) {
  private static final Logger LOG = LoggerFactory.getLogger(TableTasks.class);

  /**
   * The names of the tasks at {@code root}, by name where they have a folder or a file each, else
   * in the order of their rows; empty where there are none.
   *
   * @throws InputException if what names a task cannot be its name
   */
  public List<String> at(String root) throws IOException {
    Path path = new Path(root);
    FileSystem files = path.getFileSystem(hadoop);
    if (files.getFileStatus(path).isFile()) {
      return TableFiles.isTable(path.getName(), format.endings())
          ? inRows(List.of(TableFiles.taskFile(files, path)), stem(path.getName()))
          : List.of();
    }
    TableFiles all = TableFiles.in(files, path, format.endings());
    if (all.bySplit().containsKey(needed)) {
      return inRows(all.bySplit().get(needed), path.getName());
    }
    List<TaskFile> loose = TableFiles.loose(files, path, format.endings());
    List<String> names = new ArrayList<>(folders(files, path));
    List<String> together =
        TableFiles.areParts(loose)
            ? inRows(loose, path.getName())
            : all.bySplit().isEmpty() ? together(loose) : List.of();
    if (together.isEmpty()) {
      for (TaskFile file : loose) {
        names.add(checked(stem(new Path(file.uri()).getName()), file.uri()));
      }
      names.sort(null);
    }
    names.addAll(together);
    return names.stream().distinct().toList();
  }

  /**
   * Requires that there are rows of {@code task} at {@code root}.
   *
   * @throws InputException if there are none
   */
  public void require(String root, String task) throws IOException {
    TaskTables tables = TaskTables.find(hadoop, root, task, format, stated, needed);
    if (!tables.shared()) {
      return;
    }
    List<TaskFile> files =
        tables.bySplit().isEmpty() ? tables.together() : tables.bySplit().get(needed);
    List<String> known = inRows(files, tables.stem());
    if (!known.contains(task)) {
      throw new InputException(
          "%s has no rows of the task %s; there are %s."
              .formatted(root, task, Shown.of(String.join(", ", known))));
    }
  }

  /** The field of the task in {@code file}; null where there is none. */
  static String field(Configuration hadoop, TableFormat format, FieldNames stated, TaskFile file)
      throws IOException {
    return names(hadoop, format, stated, file).of(Field.TASK);
  }

  private static FieldNames names(
      Configuration hadoop, TableFormat format, FieldNames stated, TaskFile file)
      throws IOException {
    return stated.resolve(
        EnumSet.of(Field.TASK),
        EnumSet.noneOf(Field.class),
        format::usual,
        format.columns(hadoop, file),
        file.uri());
  }

  /** Those of folders, without what has the split nowhere. */
  private List<String> folders(FileSystem files, Path root) throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus child : files.listStatus(root)) {
      String name = child.getPath().getName();
      if (!child.isDirectory() || name.startsWith(".") || name.startsWith("_")) {
        continue;
      }
      TableFiles inside = TableFiles.in(files, child.getPath(), format.endings());
      boolean undivided = inside.bySplit().isEmpty() && !inside.others().isEmpty();
      if (undivided || inside.bySplit().containsKey(needed)) {
        names.add(checked(name, child.getPath().toString()));
      } else if (!inside.bySplit().isEmpty()) {
        LOG.warn(
            "{} is passed over: it has files of {} and none of {}",
            child.getPath(),
            inside.bySplit().keySet().stream().map(Split::folder).toList(),
            needed.folder());
      }
    }
    names.sort(null);
    return names;
  }

  /** Those that the rows of all files say; none where a file says none, or each is of a task. */
  private List<String> together(List<TaskFile> loose) throws IOException {
    Map<String, Set<String>> byStem = new LinkedHashMap<>();
    Set<String> all = new LinkedHashSet<>();
    for (TaskFile file : loose) {
      if (field(hadoop, format, stated, file) == null) {
        return List.of();
      }
      List<String> values = inRows(List.of(file), "");
      byStem.put(stem(new Path(file.uri()).getName()), Set.copyOf(values));
      all.addAll(values);
    }
    for (Map.Entry<String, Set<String>> file : byStem.entrySet()) {
      String name = file.getKey();
      boolean elsewhere =
          byStem.entrySet().stream()
              .anyMatch(other -> !other.getKey().equals(name) && other.getValue().contains(name));
      if (all.contains(name) && (elsewhere || !file.getValue().equals(Set.of(name)))) {
        throw new InputException(
            "There is a file for the task %s, and %s, as the field of the task says: expected all of its rows and no others in the file of its name. Give the file another name, and rows are taken by that field; or state --field task= (tasks.fields.task = \"\") to take each file for a task."
                .formatted(
                    name,
                    elsewhere ? "rows of it in other files" : "rows of other tasks in that file"));
      }
    }
    return all.equals(byStem.keySet()) ? List.of() : List.copyOf(all);
  }

  private List<String> inRows(List<TaskFile> files, String stem) throws IOException {
    FieldNames names = names(hadoop, format, stated, files.get(0));
    if (names.of(Field.TASK) == null) {
      return List.of(checked(stem, files.get(0).uri()));
    }
    List<String> values = new ArrayList<>();
    for (String value : format.values(hadoop, files, names, Field.TASK)) {
      if (!value.isBlank()) {
        values.add(checkedValue(value, files.get(0), names));
      }
    }
    return values;
  }

  private String stem(String name) {
    return TableFiles.stem(name, format.endings());
  }

  private static String checked(String name, String where) {
    if (TaskFolder.isName(name)) {
      return name;
    }
    throw new InputException(
        "'%s' cannot be the name of a task (%s): expected %s. Rename the file or folder."
            .formatted(Shown.of(name), where, TaskFolder.NAME));
  }

  private static String checkedValue(String value, TaskFile file, FieldNames names) {
    if (TaskFolder.isName(value)) {
      return value;
    }
    throw new InputException(
        "%s has '%s' in the field %s, which cannot be the name of a task: expected %s. Rename it in all rows, or name another field by --field task=NAME (tasks.fields.task)."
            .formatted(file.uri(), Shown.of(value), names.of(Field.TASK), TaskFolder.NAME));
  }
}
