package org.dapt.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dapt.app.TestRun;
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

  @Test
  void ranksAboveTheShareAreRefusedForEveryRun() throws Exception {
    TestRun.in(
        folder,
        List.of("colour"),
        "train.ranks = 2",
        "compare { dir = out, methods = [seq-lora], seeds = [1, 2] }");
    Comparison comparison = Comparison.load(folder.resolve("run.conf"), List.of());
    try (CompareJob job = new CompareJob(comparison, new NoCommandLine(), 2)) {
      assertThat(job.run())
          .hasSize(2)
          .allSatisfy(end -> assertThat(end.text()).contains("exit code 2", "train.ranks is 2"));
    }
  }

  private record NoCommandLine() implements CompareJob.CommandLine {
    @Override
    public String main() {
      return "no.such.Main";
    }

    @Override
    public List<String> arguments() {
      return List.of();
    }
  }
}
