package org.dapt.data.file;

import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Files that appear under their name whole or not at all: they are written beside it under a hidden
 * temporary name and then renamed. What a dead process leaves behind has a name that starts with a
 * dot and ends in {@value #SUFFIX}.
 */
public final class AtomicFile {
  /** How every temporary name ends. */
  public static final String SUFFIX = ".tmp";

  private AtomicFile() {}

  /** A new temporary name in the folder of {@code target}, used by nobody else. */
  public static Path temporaryFor(Path target) {
    return new Path(target.getParent(), "." + target.getName() + "." + UUID.randomUUID() + SUFFIX);
  }

  /** Whether {@code file} has a name as given by {@link #temporaryFor}. */
  public static boolean isTemporary(Path file) {
    return file.getName().startsWith(".") && file.getName().endsWith(SUFFIX);
  }

  /** Writes {@code content} as the file {@code target}, in place of one that may be there. */
  public static void write(FileSystem files, Path target, byte[] content) throws IOException {
    Path temporary = temporaryFor(target);
    try {
      try (FSDataOutputStream out = files.create(temporary, false)) {
        out.write(content);
      }
      publish(files, temporary, target);
    } finally {
      files.delete(temporary, false);
    }
  }

  /**
   * Gives the finished file {@code temporary} the name {@code target}, in place of a file that may
   * be there.
   */
  public static void publish(FileSystem files, Path temporary, Path target) throws IOException {
    // HDFS does not rename onto an existing file, and only the local file system would replace it.
    files.delete(target, false);
    if (!files.rename(temporary, target)) {
      throw new IOException("The file " + temporary + " could not be renamed to " + target);
    }
  }
}
