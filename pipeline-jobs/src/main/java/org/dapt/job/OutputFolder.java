package org.dapt.job;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.PlainFiles;
import org.dapt.error.ConfigException;

/**
 * A folder that a command fills for other programs, on any Hadoop file system.
 *
 * @param files where it lies; without files of checksums, which mean nothing to others
 * @param path the folder
 */
public record OutputFolder(FileSystem files, Path path) {
  /**
   * The folder at {@code output}, which does not exist or is empty but for what a killed process
   * left half written.
   *
   * @throws ConfigException if there is something
   */
  public static OutputFolder free(Configuration hadoop, String output) {
    return free(hadoop, output, null);
  }

  /**
   * The same where a file of the name {@code lease} may be there.
   *
   * @throws ConfigException if there is something else
   */
  public static OutputFolder free(Configuration hadoop, String output, String lease) {
    Path path = new Path(output);
    try {
      FileSystem files = PlainFiles.of(path, hadoop);
      Path qualified = files.makeQualified(path);
      requireFree(files, qualified, lease);
      return new OutputFolder(files, qualified);
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static void requireFree(FileSystem files, Path path, String lease) throws IOException {
    try {
      if (!files.getFileStatus(path).isDirectory()) {
        throw new ConfigException(
            "--output %s is a file, a folder is expected: give one that is empty or does not exist."
                .formatted(path));
      }
      if (Arrays.stream(files.listStatus(path))
          .map(FileStatus::getPath)
          .anyMatch(found -> !found.getName().equals(lease) && !AtomicFile.isTemporary(found))) {
        throw new ConfigException(
            "--output %s is not empty. Give a folder that is empty or does not exist."
                .formatted(path));
      }
    } catch (FileNotFoundException e) {
      // Nothing there: free.
    }
  }

  /** Writes {@code contents} by the names of their files, in the order of the map. */
  public void write(Map<String, byte[]> contents) {
    try {
      files.mkdirs(path);
      for (Map.Entry<String, byte[]> content : contents.entrySet()) {
        AtomicFile.write(files, new Path(path, content.getKey()), content.getValue());
      }
    } catch (IOException e) {
      throw unusable(path, e);
    }
  }

  private static ConfigException unusable(Path path, IOException e) {
    return new ConfigException(
        "--output %s cannot be written: %s. Give a folder that can be created and written."
            .formatted(path, e.getMessage()),
        e);
  }
}
