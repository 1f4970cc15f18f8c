package org.dapt.data.prepare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.digest.Sha256;

/** A prepared folder as tests look at it. */
record Prepared(Path folder) {
  /** All rows of a split, shard by shard. */
  List<List<TokenisedExample>> shards(Split split) throws IOException {
    var task = task();
    var shards = new ArrayList<List<TokenisedExample>>();
    for (var shard = 0; shard < task.shards(); shard++) {
      try (var reader = task.reader(split, shard, Projection.ALL)) {
        shards.add(reader.readAll());
      }
    }
    return shards;
  }

  /** All rows of a split by their index. */
  List<TokenisedExample> rows(Split split) throws IOException {
    var rows = new TreeMap<Long, TokenisedExample>();
    for (var shard : shards(split)) {
      for (var row : shard) {
        if (rows.put(row.index(), row) != null) {
          throw new IllegalStateException("Two rows have the index " + row.index());
        }
      }
    }
    return List.copyOf(rows.values());
  }

  /** The inputs of a split by index. */
  List<String> inputs(Split split) throws IOException {
    return rows(split).stream().map(TokenisedExample::input).toList();
  }

  /** Digest of every file but the side files of Hadoop's local file system, by relative path. */
  Map<String, String> digests() throws IOException {
    var digests = new TreeMap<String, String>();
    try (var files = Files.walk(folder)) {
      files
          .filter(Files::isRegularFile)
          .filter(file -> !file.toString().endsWith(".crc"))
          .forEach(file -> digests.put(folder.relativize(file).toString(), digest(file)));
    }
    return digests;
  }

  PreparedTask task() throws IOException {
    return PreparedTask.open(new Configuration(), new org.apache.hadoop.fs.Path(folder.toUri()));
  }

  private static String digest(Path file) {
    try {
      var digest = Sha256.start();
      digest.update(Files.readAllBytes(file));
      return Sha256.hex(digest);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
