package org.dapt.predict;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.TaskFile;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;

/**
 * The files of inputs.
 *
 * @param kind of all of them
 * @param files sorted by name, at least one
 * @param bytes of all together
 */
record InputFiles(InputKind kind, List<Path> files, long bytes) {
  /**
   * Finds them.
   *
   * @param given a file, a folder of files, or a pattern as Hadoop knows them
   * @param asked what the user says they are; null to see it from their names
   * @throws InputException if there are none
   * @throws ConfigException if they are of several kinds, or of none that is known
   */
  static InputFiles find(Configuration hadoop, String given, InputKind asked) {
    try {
      Path path = new Path(given);
      FileSystem files = path.getFileSystem(hadoop);
      // One that is there is meant, also where its name could be a pattern.
      FileStatus[] matches =
          files.exists(path)
              ? new FileStatus[] {files.getFileStatus(path)}
              : files.globStatus(path);
      if (matches == null || matches.length == 0) {
        throw new InputException("The input %s does not exist. Correct --input.".formatted(given));
      }
      List<FileStatus> found = new ArrayList<>();
      for (FileStatus match : matches) {
        found.addAll(
            match.isDirectory()
                ? Arrays.asList(files.listStatus(match.getPath()))
                : List.of(match));
      }
      found.removeIf(status -> status.isDirectory() || isHidden(status.getPath()));
      if (found.isEmpty()) {
        throw new InputException(
            "The folder %s has no files of inputs (json, jsonl, parquet or csv). Correct --input."
                .formatted(given));
      }
      found.sort(Comparator.comparing(status -> status.getPath().toString()));
      List<Path> paths = found.stream().map(FileStatus::getPath).toList();
      return new InputFiles(
          asked == null ? kind(hadoop, paths) : asked,
          paths,
          found.stream().mapToLong(FileStatus::getLen).sum());
    } catch (IOException | IllegalArgumentException e) {
      throw new InputException(
          "The input %s cannot be read: %s. Check --input and its permissions."
              .formatted(given, e.getMessage()),
          e);
    }
  }

  /** As Spark takes them: what starts with these is no data. */
  private static boolean isHidden(Path file) {
    return file.getName().startsWith("_") || file.getName().startsWith(".");
  }

  private static InputKind kind(Configuration hadoop, List<Path> files) throws IOException {
    InputKind kind = null;
    for (Path file : files) {
      InputKind own = kind(hadoop, file);
      if (kind != null && own != kind) {
        throw new ConfigException(
            "--input holds files of several kinds, such as %s (%s) and %s (%s); expected one kind. Give them one by one, or name the kind by --input-format."
                .formatted(files.get(0), kind.text(), file, own.text()));
      }
      kind = own;
    }
    return kind;
  }

  private static InputKind kind(Configuration hadoop, Path file) throws IOException {
    InputKind kind = InputKind.ofName(file.getName());
    if (kind == null) {
      throw new ConfigException(
          "What %s is cannot be seen from its name: expected one that ends in .json, .jsonl, .parquet or .csv, maybe with .gz. Name the kind by --input-format."
              .formatted(file));
    }
    if (kind != InputKind.JSON) {
      return kind;
    }
    try (InputStream content = new TaskFile(file.toString()).open(hadoop)) {
      return InputKind.ofJson(content);
    }
  }
}
