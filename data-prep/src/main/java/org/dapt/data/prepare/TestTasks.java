package org.dapt.data.prepare;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskCategory;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.shard.Recipe;
import org.dapt.data.table.FieldNames;
import org.dapt.data.table.TableFormat;
import org.dapt.data.table.TableTasks;
import org.dapt.error.InputException;

/** Which tasks of a folder can be tested: they need not have anything to train on. */
public final class TestTasks {
  private TestTasks() {}

  /**
   * The tasks at {@code root} with test examples and their categories, empty where the files state
   * none. Of task folders those without a test file are passed over.
   *
   * @param recipe how the files are read
   * @throws InputException if there is no such folder or no such task, or a file is no JSON
   */
  public static SortedMap<String, String> find(Configuration hadoop, String root, Recipe recipe)
      throws IOException {
    Path path = new Path(root);
    FileSystem files = path.getFileSystem(hadoop);
    FileStatus status;
    try {
      status = files.getFileStatus(path);
    } catch (FileNotFoundException e) {
      throw new InputException(
          "%s does not exist: expected a folder with a folder per task.".formatted(root), e);
    }
    SortedMap<String, String> tasks = new TreeMap<>();
    if (TaskFormat.of(recipe.format()) instanceof TableFormat table) {
      new TableTasks(hadoop, table, FieldNames.of(recipe.fields()), Split.TEST)
          .at(root)
          .forEach(task -> tasks.put(task, ""));
    } else if (status.isDirectory()) {
      for (FileStatus child : files.listStatus(path)) {
        String name = child.getPath().getName();
        if (child.isDirectory() && !name.startsWith(".") && !name.startsWith("_")) {
          Optional<TaskFile> test = TaskFolder.find(hadoop, root, name).file(Split.TEST);
          if (test.isPresent()) {
            tasks.put(name, TaskCategory.of(hadoop, test.get()).orElse(""));
          }
        }
      }
    }
    if (tasks.isEmpty()) {
      throw new InputException(
          "%s has no task that can be tested: expected what tasks.format = %s is read from, a folder with test.json for each task say; there %s."
              .formatted(root, recipe.format(), content(files, path)));
    }
    return tasks;
  }

  private static String content(FileSystem files, Path path) throws IOException {
    List<String> names =
        Arrays.stream(files.listStatus(path))
            .map(child -> child.getPath().getName())
            .sorted()
            .limit(5)
            .toList();
    return names.isEmpty() ? "is nothing" : "is " + String.join(", ", names);
  }
}
