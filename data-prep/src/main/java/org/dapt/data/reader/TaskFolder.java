package org.dapt.data.reader;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.error.NearestNames;
import org.dapt.error.Shown;

/**
 * The folder of one task below {@code tasks.root}, with {@code train.json}, {@code test.json} and
 * maybe {@code dev.json}.
 */
public final class TaskFolder {
  private static final int NAMES_SHOWN = 5;

  /** File systems allow for 255; a run puts a number or a word in front. */
  private static final int LONGEST_NAME = 200;

  private static final String RULE =
      "without / \\ or :, not starting with a dot or an underscore, and of %d bytes at most"
          .formatted(LONGEST_NAME);

  /** What the name of a task must be, as a part of a sentence. */
  public static final String NAME = "a name " + RULE;

  private final FileSystem files;
  private final Path folder;

  private TaskFolder(FileSystem files, Path folder) {
    this.files = files;
    this.folder = folder;
  }

  /**
   * Finds the folder of {@code task}.
   *
   * @throws ConfigException if the name could lead out of {@code root}
   * @throws InputException if there is no such folder
   */
  public static TaskFolder find(Configuration hadoop, String root, String task) throws IOException {
    checkName(task);
    try {
      return existing(hadoop, new Path(root), task);
    } catch (IllegalArgumentException e) {
      // Of file systems that do not allow all characters, as HDFS no colon.
      throw new ConfigException(
          "tasks.root = %s cannot be used: %s. Give a folder with one folder per task."
              .formatted(root, e.getMessage()),
          e);
    }
  }

  private static TaskFolder existing(Configuration hadoop, Path rootPath, String task)
      throws IOException {
    var files = rootPath.getFileSystem(hadoop);
    var folder = new Path(rootPath, task);
    if (!files.exists(folder) || !files.getFileStatus(folder).isDirectory()) {
      rejectFile(files, rootPath);
      rejectFlat(files, rootPath, task);
      throw new InputException(
          "The task folder %s does not exist; %s Correct the name of the task (in tasks.order, or where it was given) or tasks.root; dapt-data fetches the tasks of benchmarks."
              .formatted(folder, nearest(files, rootPath, task)));
    }
    return new TaskFolder(files, folder);
  }

  /**
   * Checks that {@code task} can be the name of a folder and of nothing outside its parent.
   *
   * @throws ConfigException if it cannot
   */
  public static void checkName(String task) {
    if (!isName(task)) {
      throw new ConfigException(
          "'%s' in tasks.order is not a task name: expected the name of a folder below tasks.root, %s."
              .formatted(Shown.of(task), RULE));
    }
  }

  /** Whether {@code task} can be the name of a folder and of nothing outside its parent. */
  public static boolean isName(String task) {
    var hidden = task.startsWith(".") || task.startsWith("_");
    var forbidden = task.chars().anyMatch(c -> "/\\:".indexOf(c) >= 0 || Character.isISOControl(c));
    var tooLong = task.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME;
    return !task.isBlank() && !hidden && !forbidden && !tooLong;
  }

  /**
   * The file of {@code split}, or nothing if there is none.
   *
   * @throws InputException if there are a plain and a compressed one
   */
  public Optional<TaskFile> file(Split split) throws IOException {
    var plain = new Path(folder, split.folder() + ".json");
    var compressed = new Path(folder, split.folder() + ".json.gz");
    if (files.exists(plain) && files.exists(compressed)) {
      throw new InputException(
          "Both %s and %s exist, expected one of them: remove the other."
              .formatted(plain, compressed.getName()));
    }
    return List.of(plain, compressed).stream()
        .filter(this::isFile)
        .findFirst()
        .map(path -> new TaskFile(files.makeQualified(path).toString()));
  }

  /**
   * The file of {@code split}.
   *
   * @throws InputException if there is none
   */
  public TaskFile requiredFile(Split split) throws IOException {
    return file(split)
        .orElseThrow(
            () ->
                new InputException(
                    "%s has no %s split: expected %2$s.json or %2$s.json.gz in it, there %s. Add the file, or set tasks.format to what is there."
                        .formatted(folder, split.folder(), content())));
  }

  private String content() {
    try {
      var names =
          Arrays.stream(files.listStatus(folder))
              .map(child -> child.getPath().getName())
              .sorted()
              .toList();
      var shown = String.join(", ", names.subList(0, Math.min(NAMES_SHOWN, names.size())));
      return names.isEmpty()
          ? "is nothing"
          : names.size() > NAMES_SHOWN
              ? "are %d others, such as %s".formatted(names.size(), Shown.of(shown))
              : "is " + Shown.of(shown);
    } catch (IOException e) {
      return "is what cannot be listed (" + e.getMessage() + ")";
    }
  }

  /** Rows of several tasks may lie in one file, in a format of which nothing was said. */
  private static void rejectFile(FileSystem files, Path root) throws IOException {
    if (files.exists(root) && files.getFileStatus(root).isFile()) {
      throw new InputException(
          "tasks.root = %s is a file, expected a folder of tasks with train.json and test.json each. A file of rows is read with tasks.format = jsonl, csv or parquet, as it is."
              .formatted(root));
    }
  }

  /** Some collections have a file for each task: it says nothing about what to train on. */
  private static void rejectFlat(FileSystem files, Path root, String task) throws IOException {
    for (var name :
        List.of(task, task + ".json", task + ".json.gz", task + ".jsonl", task + ".zip")) {
      var file = new Path(root, name);
      if (files.exists(file) && files.getFileStatus(file).isFile()) {
        throw new InputException(
            "%s is one file, a task is a folder: expected %s with train.json and test.json, and maybe dev.json, in it. Make the folder and divide the instances of the file among these; every one has the Definition. A file with an object a line is read with tasks.format = jsonl."
                .formatted(file, new Path(root, task)));
      }
    }
  }

  private boolean isFile(Path path) {
    try {
      return files.getFileStatus(path).isFile();
    } catch (FileNotFoundException e) {
      return false;
    } catch (IOException e) {
      throw new InputException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  private static String nearest(FileSystem files, Path root, String task) throws IOException {
    FileStatus[] children;
    try {
      children = files.listStatus(root);
    } catch (FileNotFoundException e) {
      return "its parent does not exist either.";
    }
    var names =
        Arrays.stream(children)
            .filter(FileStatus::isDirectory)
            .map(child -> child.getPath().getName())
            .sorted(NearestNames.to(task))
            .limit(NAMES_SHOWN)
            .toList();
    return names.isEmpty()
        ? "its parent has no folders at all."
        : "the nearest names there are " + String.join(", ", names) + ".";
  }
}
