package org.dapt.data.shard;

import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

/** Shard files for tests of other packages. */
public final class Shards {
  private Shards() {}

  /** Writes {@code rows} as preparing does. */
  public static void write(Configuration hadoop, Path file, List<TokenisedExample> rows)
      throws IOException {
    try (var writer = ExampleWriter.create(hadoop, file, 8 << 10)) {
      for (var row : rows) {
        writer.write(row);
      }
    }
  }
}
