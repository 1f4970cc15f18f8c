package org.dapt.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options.Rename;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.PathIOException;
import org.dapt.data.file.AtomicFile;

/**
 * A lease on a cluster file system. HDFS creates exclusively and renames over a file in one step;
 * an object store replaces an object in one step when its content is complete.
 */
record HadoopLeaseFile(FileSystem files, Path file) implements LeaseFile {
  /**
   * Where exclusive creation and renaming over a file are one step each. Elsewhere the first may be
   * a look and an upload, the second a deletion and a copy.
   */
  private static final Set<String> ONE_STEP = Set.of("hdfs", "viewfs");

  private static final int READS = 5;

  @Override
  public Optional<byte[]> read() throws IOException {
    for (int attempt = 1; ; attempt++) {
      try (FSDataInputStream in = files.open(file)) {
        return Optional.of(in.readAllBytes());
      } catch (FileNotFoundException e) {
        return Optional.empty();
      } catch (PathIOException e) {
        // An object store looks and reads in two steps: a heartbeat came between them.
        if (attempt == READS) {
          throw e;
        }
      }
    }
  }

  @Override
  public boolean create(byte[] content) throws IOException {
    try (FSDataOutputStream out = files.create(file, false)) {
      out.write(content);
      return true;
    } catch (IOException e) {
      // File systems name this with exceptions of their own.
      if (files.exists(file)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public boolean exclusive() {
    return ONE_STEP.contains(files.getUri().getScheme());
  }

  @Override
  public void replace(byte[] content) throws IOException {
    if (!exclusive()) {
      try (FSDataOutputStream out = files.create(file, true)) {
        out.write(content);
      }
      return;
    }
    Path temporary = AtomicFile.temporaryFor(file);
    try {
      try (FSDataOutputStream out = files.create(temporary, false)) {
        out.write(content);
      }
      FileContext.getFileContext(files.getUri(), files.getConf())
          .rename(temporary, file, Rename.OVERWRITE);
    } finally {
      files.delete(temporary, false);
    }
  }

  @Override
  public void delete() throws IOException {
    files.delete(file, false);
  }
}
