package org.dapt.init;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.DataJson;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.table.Field;
import org.dapt.data.table.FieldNames;
import org.dapt.data.table.TableFormat;
import org.dapt.data.table.TableTasks;
import org.dapt.data.table.TaskTables;
import org.dapt.error.InputException;

/**
 * What lies at a path: in which format, and which tasks.
 *
 * @param root the path, absolute
 * @param format value of {@code tasks.format}
 * @param tasks their names
 */
record DataSet(String root, String format, List<String> tasks) {
  private static final List<String> FORMATS = List.of("jsonl", "csv", "parquet");
  private static final Set<String> TASK_FIELDS = Set.of("Definition", "Instances");

  /**
   * Looks at {@code given}.
   *
   * @param stated names of fields that the user states
   * @throws InputException if nothing there can be learnt
   */
  static DataSet at(Configuration hadoop, String given, FieldNames stated) throws IOException {
    Path path = new Path(given);
    FileSystem files = path.getFileSystem(hadoop);
    if (!files.exists(path)) {
      throw new InputException("%s does not exist: correct --from.".formatted(given));
    }
    Path root = files.makeQualified(path);
    String shown =
        root.toUri().getScheme().equals("file") ? root.toUri().getPath() : root.toString();
    if (isOfTaskFolders(hadoop, files, root)) {
      return new DataSet(shown, "super-ni", folders(files, root));
    }
    Map<String, Path> tables = tables(files, root);
    TableFormat format = (TableFormat) TaskFormat.of(tables.keySet().iterator().next());
    List<String> tasks = new TableTasks(hadoop, format, stated, Split.TRAIN).at(shown);
    if (tasks.isEmpty()) {
      throw new InputException(
          "%s has no task that can be trained: expected a file or folder per task in it, with a training split (train%s) or without any; the first file below it is %s. Give by --from the folder of the tasks."
              .formatted(root, format.endings().get(0), tables.get(format.name())));
    }
    TaskFile first =
        TaskTables.find(hadoop, shown, tasks.get(0), format, stated, Split.TRAIN).first();
    return new DataSet(shown, kind(hadoop, format, first, stated), tasks);
  }

  /** Rows with conversations, and those of Alpaca, have formats of their own. */
  private static String kind(
      Configuration hadoop, TableFormat format, TaskFile file, FieldNames stated)
      throws IOException {
    if (!format.name().equals("csv") && hasMessages(hadoop, format, file, stated)) {
      return "chat";
    }
    Set<String> columns = format.columns(hadoop, file);
    boolean alpaca = columns.containsAll(List.of("instruction", "output"));
    return alpaca && format.name().equals("jsonl") && stated.names().isEmpty()
        ? "alpaca"
        : format.name();
  }

  private static boolean hasMessages(
      Configuration hadoop, TableFormat format, TaskFile file, FieldNames stated)
      throws IOException {
    return stated.of(Field.MESSAGES) != null
        || (stated.of(Field.INPUT) == null
            && stated.of(Field.OUTPUT) == null
            && format.lists(hadoop, file).stream()
                .anyMatch(name -> Field.MESSAGES.usual().contains(name.toLowerCase(Locale.ROOT))));
  }

  private static boolean isOfTaskFolders(Configuration hadoop, FileSystem files, Path root)
      throws IOException {
    if (files.getFileStatus(root).isFile()) {
      if (hasTaskFields(hadoop, files, root)) {
        throw new InputException(
            "%s is one file with a Definition and Instances: expected the folder of folders with train.json and test.json each. Give that by --from."
                .formatted(root));
      }
      return false;
    }
    for (String task : folders(files, root)) {
      for (String name : List.of("train.json", "train.json.gz")) {
        Path train = new Path(new Path(root, task), name);
        if (files.exists(train)) {
          return hasTaskFields(hadoop, files, train);
        }
      }
    }
    return false;
  }

  private static boolean hasTaskFields(Configuration hadoop, FileSystem files, Path file)
      throws IOException {
    try (InputStream content = new TaskFile(files.makeQualified(file).toString()).open(hadoop);
        JsonParser parser = DataJson.factory().createParser(content)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return false;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        if (TASK_FIELDS.contains(parser.currentName())) {
          return true;
        }
        parser.nextToken();
        parser.skipChildren();
      }
      return false;
    } catch (JsonProcessingException e) {
      // Whoever reads it says what is wrong.
      return false;
    }
  }

  private static List<String> folders(FileSystem files, Path root) throws IOException {
    List<String> names = new ArrayList<>();
    for (FileStatus child : files.listStatus(root)) {
      String name = child.getPath().getName();
      if (child.isDirectory() && !name.startsWith(".") && !name.startsWith("_")) {
        names.add(name);
      }
    }
    names.sort(Comparator.naturalOrder());
    return names;
  }

  /** The first file of the one format whose files are there, by the name of the format. */
  private static Map<String, Path> tables(FileSystem files, Path root) throws IOException {
    Map<String, Path> found = new TreeMap<>();
    Set<String> others = new TreeSet<>();
    look(files, root, 0, found, others);
    if (found.size() == 1) {
      return found;
    }
    throw new InputException(
        found.isEmpty()
            ? "%s has no file that ends with .jsonl, .json, .csv, .tsv or .parquet (or .gz behind it)%s. Correct --from."
                .formatted(root, others.isEmpty() ? "" : "; there is " + others.iterator().next())
            : "%s has files of several formats (%s): keep those that are to be learnt in a folder of their own."
                .formatted(root, String.join(", ", found.keySet())));
  }

  private static void look(
      FileSystem files, Path path, int depth, Map<String, Path> found, Set<String> others)
      throws IOException {
    FileStatus status = files.getFileStatus(path);
    String name = path.getName();
    if (status.isFile()) {
      List<String> fitting =
          FORMATS.stream()
              .filter(
                  format ->
                      TaskTables.isTable(name, ((TableFormat) TaskFormat.of(format)).endings()))
              .toList();
      fitting.forEach(format -> found.putIfAbsent(format, path));
      if (fitting.isEmpty()) {
        others.add(name);
      }
      return;
    }
    FileStatus[] children = files.listStatus(path);
    Arrays.sort(children);
    for (FileStatus child : children) {
      String inner = child.getPath().getName();
      if (!inner.startsWith(".") && !inner.startsWith("_") && (child.isFile() || depth < 3)) {
        look(files, child.getPath(), depth + 1, found, others);
      }
    }
  }
}
