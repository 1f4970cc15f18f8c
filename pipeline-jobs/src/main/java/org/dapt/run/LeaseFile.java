package org.dapt.run;

import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/** The few operations that a lease is made of. While a lease is held its name never vanishes. */
interface LeaseFile {
  /** The bytes in the file, empty if there is none. */
  Optional<byte[]> read() throws IOException;

  /**
   * Creates the file. Of several callers at once, one succeeds where creation is {@link
   * #exclusive}; elsewhere all may, and the content of one of them stands.
   *
   * @return false if there is one already
   */
  boolean create(byte[] content) throws IOException;

  /** Whether a look for the file and its creation are one step. */
  boolean exclusive();

  /** Puts {@code content} in the place of what is there. */
  void replace(byte[] content) throws IOException;

  /** Deletes the file if there is one. */
  void delete() throws IOException;

  /** The file at {@code path} of {@code files}. */
  static LeaseFile at(FileSystem files, Path path) {
    // Hadoop's local file system looks first and creates then, and keeps a checksum in a second
    // file: neither its creation nor its renaming is one step.
    return files instanceof LocalFileSystem local
        ? new LocalLeaseFile(local.pathToFile(path).toPath())
        : new HadoopLeaseFile(files, path);
  }
}
