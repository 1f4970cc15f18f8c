package org.dapt.data.table;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.error.InputException;

/**
 * The tables in a folder. A file belongs to the split that its name begins with, as {@code
 * train.jsonl} or {@code validation-00000-of-00002.parquet}, or that its folder is named for. They
 * may lie in a sub-folder {@code data}, as {@code datasets} of Hugging Face has them.
 *
 * @param bySplit files of each split, sorted by path
 * @param others files that are of no split
 */
record TableFiles(Map<Split, List<TaskFile>> bySplit, List<TaskFile> others) {
  private static final String COMPRESSED = ".gz";

  /** Those in {@code folder} whose names end with one of {@code endings}. */
  static TableFiles in(FileSystem files, Path folder, List<String> endings) throws IOException {
    List<Path> tables = new ArrayList<>();
    Map<Split, List<Path>> found = new EnumMap<>(Split.class);
    collect(files, folder, null, endings, tables, found);
    for (FileStatus child : files.listStatus(folder)) {
      String name = child.getPath().getName();
      if (child.isDirectory() && (name.equals("data") || name.equals("default"))) {
        collect(files, child.getPath(), null, endings, tables, found);
      }
    }
    List<TaskFile> others = new ArrayList<>();
    for (Path table : tables) {
      Optional<Split> split = SplitNames.ofFile(table.getName());
      if (split.isPresent()) {
        found.computeIfAbsent(split.get(), any -> new ArrayList<>()).add(table);
      } else {
        others.add(taskFile(files, table));
      }
    }
    Map<Split, List<TaskFile>> bySplit = new EnumMap<>(Split.class);
    for (Map.Entry<Split, List<Path>> split : found.entrySet()) {
      checkOnce(split.getValue(), endings);
      bySplit.put(
          split.getKey(), split.getValue().stream().sorted().map(t -> taskFile(files, t)).toList());
    }
    return new TableFiles(bySplit, others);
  }

  /**
   * Refuses files that lie there in several forms: their rows would be learnt twice, or be tested
   * with what was learnt.
   *
   * @throws InputException if there are such
   */
  static void requireOnce(List<TaskFile> tables, List<String> endings) {
    checkOnce(tables.stream().map(table -> new Path(table.uri())).toList(), endings);
  }

  private static void checkOnce(List<Path> tables, List<String> endings) {
    List<String> stems = new ArrayList<>();
    for (Path table : tables) {
      String stem = new Path(table.getParent(), stem(table.getName(), endings)).toString();
      if (stems.contains(stem)) {
        throw new InputException(
            "There are several files of the name %s with different endings, expected one of them: remove the others."
                .formatted(stem));
      }
      stems.add(stem);
    }
  }

  private static void collect(
      FileSystem files,
      Path folder,
      Split split,
      List<String> endings,
      List<Path> tables,
      Map<Split, List<Path>> bySplit)
      throws IOException {
    FileStatus[] children = files.listStatus(folder);
    java.util.Arrays.sort(children);
    for (FileStatus child : children) {
      String name = child.getPath().getName();
      if (name.startsWith(".") || name.startsWith("_")) {
        continue;
      }
      if (child.isFile() && isTable(name, endings)) {
        (split == null ? tables : bySplit.computeIfAbsent(split, any -> new ArrayList<>()))
            .add(child.getPath());
      } else if (child.isDirectory() && split == null && SplitNames.of(name).isPresent()) {
        collect(files, child.getPath(), SplitNames.of(name).get(), endings, tables, bySplit);
      }
    }
  }

  /** The tables in {@code folder} itself, by name. */
  static List<TaskFile> loose(FileSystem files, Path folder, List<String> endings)
      throws IOException {
    List<Path> tables = new ArrayList<>();
    Map<Split, List<Path>> ofFolders = new EnumMap<>(Split.class);
    collect(files, folder, null, endings, tables, ofFolders);
    return tables.stream().map(table -> taskFile(files, table)).toList();
  }

  /** Whether these are what Spark writes a table into. */
  static boolean areParts(List<TaskFile> tables) {
    return !tables.isEmpty()
        && tables.stream().allMatch(file -> new Path(file.uri()).getName().startsWith("part-"));
  }

  /** Whether a file of this name is a table. */
  static boolean isTable(String name, List<String> endings) {
    // What describes a table of the hub is none.
    return !name.equals("dataset_info.json")
        && !name.equals("dataset_infos.json")
        && !name.equals("state.json")
        && !stem(name, endings).equals(name);
  }

  /** {@code name} without its ending. */
  static String stem(String name, List<String> endings) {
    String plain =
        name.endsWith(COMPRESSED) ? name.substring(0, name.length() - COMPRESSED.length()) : name;
    for (String ending : endings) {
      if (plain.endsWith(ending) && plain.length() > ending.length()) {
        return plain.substring(0, plain.length() - ending.length());
      }
    }
    return name;
  }

  static TaskFile taskFile(FileSystem files, Path path) {
    return new TaskFile(files.makeQualified(path).toString());
  }
}
