package org.dapt.app;

import java.net.URI;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk as a file system that is not this machine's. */
public final class DistantFileSystem extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("distant:///");
  }

  @Override
  public String getScheme() {
    return "distant";
  }
}
