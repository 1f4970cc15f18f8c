package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RemoteIterator;

/**
 * A run over the tasks colour and order on a file system of a cluster.
 *
 * @param root the run directory
 */
record RemoteRun(FileSystem files, Path root) {
  private static final List<String> LEARNT =
      List.of(
          "tasks/01-colour/block.safetensors",
          "tasks/02-order/block.safetensors",
          "tasks/02-order/attention.safetensors",
          "tasks/02-order/target.json");

  /** What was learnt is, bit by bit, what the run in the local folder {@code run} has learnt. */
  void assertLearntAs(java.nio.file.Path run) throws IOException {
    for (String file : LEARNT) {
      try (var in = files.open(new Path(root, file))) {
        assertThat(in.readAllBytes()).as(file).isEqualTo(Files.readAllBytes(run.resolve(file)));
      }
    }
  }

  /** When each file was written; there are scores of both steps, and nothing half-written. */
  Map<String, Long> finishedFiles() throws IOException {
    Map<String, Long> times = new TreeMap<>();
    RemoteIterator<LocatedFileStatus> all = files.listFiles(root, true);
    while (all.hasNext()) {
      LocatedFileStatus file = all.next();
      times.put(file.getPath().toUri().getPath(), file.getModificationTime());
    }
    assertThat(times.keySet())
        .contains("/run/scores/step=0002/_DONE")
        .noneMatch(
            name -> name.endsWith(".tmp") || name.contains("LEASE") || name.endsWith("/lease"));
    return times;
  }
}
