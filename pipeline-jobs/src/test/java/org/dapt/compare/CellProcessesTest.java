package org.dapt.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs as processes of their own. */
class CellProcessesTest {
  @TempDir private Path folder;

  @Test
  void theReasonOfAFailureIsNotThatOfAnEarlierOne() throws Exception {
    Cell cell = Cell.run("epi", "main", List.of("a"), "base", 1);
    Places places = new Places(new org.apache.hadoop.fs.Path(folder.toUri()));
    Path log = Files.createDirectories(folder.resolve("logs")).resolve(cell.name() + ".log");
    Files.writeString(log, "dapt: a reason of before\n");
    try (CellProcesses processes = new CellProcesses("no.such.Main", List.of(), 1, places)) {
      CellEnd end = processes.run(cell);
      assertThat(end.code()).isEqualTo(1);
      assertThat(end.reason()).isEmpty();
      assertThat(Files.readString(log)).contains("of before", "no.such.Main");
    }
  }
}
