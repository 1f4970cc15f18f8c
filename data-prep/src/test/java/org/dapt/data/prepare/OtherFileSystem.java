package org.dapt.data.prepare;

import java.net.URI;
import org.apache.hadoop.fs.RawLocalFileSystem;

/** The local disk below another scheme: a file system that Java's own paths know nothing of. */
public final class OtherFileSystem extends RawLocalFileSystem {
  @Override
  public URI getUri() {
    return URI.create("other:///");
  }

  @Override
  public String getScheme() {
    return "other";
  }
}
