package org.dapt.data.prepare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.table.Field;
import org.dapt.data.table.FieldNames;
import org.dapt.data.table.Reading;
import org.dapt.data.table.RowFilter;
import org.dapt.data.table.TableFormat;
import org.dapt.data.table.TaskTables;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Files that a split is taken from.
 *
 * @param split the split
 * @param files at least one, in the order of their rows
 * @param reading how they are read
 * @param mayBeEmpty whether no instance in them means that there is no such split
 */
record TaskPart(Split split, List<TaskFile> files, Reading reading, boolean mayBeEmpty) {
  /**
   * Those of {@code task}: train, and dev and test where there are any; test alone where it is only
   * to be tested.
   *
   * @throws InputException if a file is missing
   */
  static List<TaskPart> find(Configuration hadoop, PrepareSettings settings, String task)
      throws IOException {
    String format = settings.recipe().format();
    return TaskFormat.of(format) instanceof TableFormat table
        ? ofTables(hadoop, settings, task, table)
        : ofFolder(TaskFolder.find(hadoop, settings.root(), task), format, settings.testOnly());
  }

  private static List<TaskPart> ofFolder(TaskFolder folder, String format, boolean testOnly)
      throws IOException {
    Reading reading = new Reading(format, null, RowFilter.ALL);
    if (testOnly) {
      TaskFile test = folder.requiredFile(Split.TEST);
      return List.of(new TaskPart(Split.TEST, List.of(test), reading, false));
    }
    List<TaskPart> parts = new ArrayList<>();
    // Both are asked for before the first is read: a missing file is reported at once.
    TaskFile train = folder.requiredFile(Split.TRAIN);
    TaskFile test = folder.requiredFile(Split.TEST);
    parts.add(new TaskPart(Split.TRAIN, List.of(train), reading, false));
    folder
        .file(Split.DEV)
        .ifPresent(dev -> parts.add(new TaskPart(Split.DEV, List.of(dev), reading, false)));
    parts.add(new TaskPart(Split.TEST, List.of(test), reading, false));
    return parts;
  }

  private static List<TaskPart> ofTables(
      Configuration hadoop, PrepareSettings settings, String task, TableFormat format)
      throws IOException {
    List<Split> wanted = settings.testOnly() ? List.of(Split.TEST) : List.of(Split.values());
    FieldNames stated = FieldNames.of(settings.recipe().fields());
    TaskTables tables =
        TaskTables.find(hadoop, settings.root(), task, format, stated, wanted.get(0));
    boolean together = tables.bySplit().isEmpty();
    TaskFile first = tables.first();
    FieldNames names = format.resolve(hadoop, first, stated);
    String asked = tables.shared() && names.of(Field.TASK) != null ? task : null;
    if (tables.shared() && asked == null && !tables.stem().equals(task)) {
      throw new InputException(
          "%s has no field that says which rows are those of task %s: there are %s. Name it by tasks.fields.task, or call the task %s if there is no other in it."
              .formatted(
                  first.uri(),
                  task,
                  Shown.of(String.join(", ", format.columns(hadoop, first))),
                  tables.stem()));
    }
    List<TaskPart> parts = new ArrayList<>();
    for (Split split : wanted) {
      if (together && (split == wanted.get(0) || names.of(Field.SPLIT) != null)) {
        Split own = names.of(Field.SPLIT) == null ? null : split;
        parts.add(
            new TaskPart(
                split,
                tables.together(),
                new Reading(format.name(), names, new RowFilter(asked, own)),
                true));
      } else if (tables.bySplit().containsKey(split)) {
        parts.add(
            new TaskPart(
                split,
                tables.bySplit().get(split),
                new Reading(format.name(), names, new RowFilter(asked, null)),
                asked != null));
      }
    }
    return parts;
  }

  /** The failure for a task without an instance of a split that it must have. */
  InputException empty(Configuration hadoop, String task) throws IOException {
    if (reading.filter().task() == null) {
      return new InputException(
          "%s has no instances%s: expected at least one row."
              .formatted(
                  files.get(0).uri(),
                  reading.filter().split() == null
                      ? ""
                      : " of the split " + reading.filter().split().folder()));
    }
    Set<String> known =
        ((TableFormat) TaskFormat.of(reading.format()))
            .values(hadoop, files, reading.names(), Field.TASK);
    if (known.contains(task)) {
      return new InputException(
          "%s has no row of task %s of the split %s: expected at least one."
              .formatted(files.get(0).uri(), task, split.folder()));
    }
    return new InputException(
        "%s has no row whose %s is %s; there are %s. Correct tasks.order."
            .formatted(
                files.get(0).uri(),
                reading.names().of(Field.TASK),
                task,
                Shown.of(String.join(", ", known))));
  }
}
