package org.dapt.data.file;

import java.io.FileNotFoundException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as a process sees it that can open no further file. */
public final class NoDescriptors extends RawLocalFileSystem {
  /** A configuration in which the paths {@code full:/...} are of it. */
  public static Configuration configuration() {
    var hadoop = new Configuration();
    hadoop.setClass("fs.full.impl", NoDescriptors.class, RawLocalFileSystem.class);
    return hadoop;
  }

  @Override
  public URI getUri() {
    return URI.create("full:///");
  }

  @Override
  public FSDataInputStream open(Path file, int buffer) throws FileNotFoundException {
    // What java.io.FileInputStream says.
    throw new FileNotFoundException(
        file.toUri().getPath()
            + (pathToFile(file).exists()
                ? " (Too many open files)"
                : " (No such file or directory)"));
  }
}
