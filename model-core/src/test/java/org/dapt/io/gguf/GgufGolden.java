package org.dapt.io.gguf;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** The files that the {@code gguf} package has written. */
public final class GgufGolden {
  private GgufGolden() {}

  /** A file of {@code src/test/resources/gguf}. */
  public static Path file(String name) {
    try {
      return Path.of(GgufGolden.class.getResource("/gguf/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
