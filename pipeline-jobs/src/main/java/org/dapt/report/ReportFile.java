package org.dapt.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Paths;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.PlainFiles;
import org.dapt.error.ConfigException;

/** A file that a report is written to. */
public final class ReportFile {
  private final FileSystem files;
  private final Path target;

  private ReportFile(FileSystem files, Path target) {
    this.files = files;
    this.target = target;
  }

  /**
   * Checks that there can be such a file, before anything is computed for it.
   *
   * @param name a URI of any Hadoop file system, or a path on this machine
   * @throws ConfigException if it is a folder, its folder does not exist, or its file system is not
   *     known
   */
  public static ReportFile of(Configuration hadoop, String name) {
    try {
      // Without a scheme the user means the machine in front of them, whatever the default is.
      Path target =
          name.matches("[A-Za-z][A-Za-z0-9+.-]+:.*")
              ? new Path(name)
              : new Path(Paths.get(name).toAbsolutePath().normalize().toUri());
      FileSystem files = PlainFiles.of(target, hadoop);
      if (files.exists(target) && files.getFileStatus(target).isDirectory()) {
        throw unusable(name, "it is a folder", null);
      }
      if (target.getParent() == null || !files.exists(target.getParent())) {
        throw unusable(name, "its folder does not exist", null);
      }
      return new ReportFile(files, target);
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(name, String.valueOf(e.getMessage()), e);
    }
  }

  /**
   * Writes {@code text} in the place of a file that may be there.
   *
   * @throws ConfigException if the file system refuses
   */
  public void write(String text) {
    try {
      AtomicFile.write(files, target, text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw unusable(target.toString(), String.valueOf(e.getMessage()), e);
    }
  }

  private static ConfigException unusable(String name, String found, Exception cause) {
    return new ConfigException(
        "The report cannot be written to %s: %s. Give a file in a folder that exists and can be written."
            .formatted(name, found),
        cause);
  }
}
