package org.dapt.models;

import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as a remote file system, which counts how often each file is opened. */
public final class CountingFileSystem extends RawLocalFileSystem {
  static final Map<String, Integer> OPENED = new ConcurrentHashMap<>();

  @Override
  public URI getUri() {
    return URI.create("counted:///");
  }

  @Override
  public String getScheme() {
    return "counted";
  }

  @Override
  public FSDataInputStream open(Path file, int buffer) throws IOException {
    OPENED.merge(file.getName(), 1, Integer::sum);
    return super.open(file, buffer);
  }
}
