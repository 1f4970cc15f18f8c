package org.dapt.data.file;

import java.io.IOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumFileSystem;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * File systems for files that other programs read. Hadoop's local file system keeps a hidden file
 * with check sums beside each, which means nothing to others and holds back what is written last.
 */
public final class PlainFiles {
  private PlainFiles() {}

  /** The file system of {@code path}, without files of check sums. */
  public static FileSystem of(Path path, Configuration hadoop) throws IOException {
    FileSystem files = path.getFileSystem(hadoop);
    return files instanceof ChecksumFileSystem sums ? sums.getRawFileSystem() : files;
  }
}
