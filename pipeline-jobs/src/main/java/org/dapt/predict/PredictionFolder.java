package org.dapt.predict;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.error.ConfigException;
import org.dapt.run.Lease;
import org.dapt.run.Marker;

/**
 * The folder of predictions: the files of the parts, beside them the plan, the rows of the parts
 * while they are answered, and the marker.
 */
final class PredictionFolder {
  private static final String INPUTS = "_inputs";

  private final FileSystem files;
  private final Path folder;

  PredictionFolder(Configuration hadoop, String output) {
    Path given = new Path(output);
    try {
      files = given.getFileSystem(hadoop);
      folder = files.makeQualified(given);
    } catch (IOException e) {
      throw new ConfigException(
          "--output %s cannot be used: %s. Give a folder that can be created."
              .formatted(output, e.getMessage()),
          e);
    }
  }

  FileSystem files() {
    return files;
  }

  Path path() {
    return folder;
  }

  /** Where the rows of the parts are until all are answered. */
  Path inputs() {
    return new Path(folder, INPUTS);
  }

  Path lease() {
    return new Path(folder, Lease.FILE);
  }

  Marker marker() {
    return Marker.of(files, folder);
  }

  /**
   * The plan that is there; empty where the folder is free.
   *
   * @throws ConfigException if the folder holds anything else, or predictions that were made from
   *     something else
   */
  Optional<PredictionPlan> plan(Map<String, String> madeFrom) throws IOException {
    Optional<PredictionPlan> plan = PredictionPlan.read(files, folder);
    if (plan.isEmpty()) {
      requireFree();
      return plan;
    }
    List<String> differences = plan.get().differences(madeFrom);
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "--output %s has predictions that were made from something else:\n  %s\nTake another folder, or undo the changes."
              .formatted(folder, String.join("\n  ", differences)));
    }
    return plan;
  }

  private void requireFree() throws IOException {
    try {
      if (!files.getFileStatus(folder).isDirectory()) {
        throw new ConfigException(
            "--output %s is a file, a folder is expected. Name one that is empty or does not exist."
                .formatted(folder));
      }
      List<String> foreign =
          Arrays.stream(files.listStatus(folder))
              .map(FileStatus::getPath)
              .filter(path -> !AtomicFile.isTemporary(path))
              .map(Path::getName)
              .filter(name -> !name.equals(Lease.FILE) && !name.equals(INPUTS))
              .sorted()
              .limit(3)
              .toList();
      if (!foreign.isEmpty()) {
        throw new ConfigException(
            "--output %s holds other files (%s). Name a folder that is empty or does not exist."
                .formatted(folder, String.join(", ", foreign)));
      }
    } catch (FileNotFoundException e) {
      // Nothing there: free.
    }
  }

  /** The parts of {@code plan} that are not answered yet. */
  List<Integer> missing(PredictionPlan plan, OutputFormat format) throws IOException {
    Set<String> there = new HashSet<>();
    for (FileStatus status : files.listStatus(folder)) {
      there.add(status.getPath().getName());
    }
    List<Integer> missing = new ArrayList<>();
    for (int part = 0; part < plan.parts().size(); part++) {
      if (!there.contains(PartPlan.file(part, format))) {
        missing.add(part);
      }
    }
    return missing;
  }

  /** Removes the rows of the parts, and what a killed process left. */
  void clear() throws IOException {
    files.delete(inputs(), true);
    for (FileStatus status : files.listStatus(folder, AtomicFile::isTemporary)) {
      files.delete(status.getPath(), true);
    }
  }
}
