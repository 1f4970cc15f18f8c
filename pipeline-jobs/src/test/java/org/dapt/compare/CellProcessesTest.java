package org.dapt.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dapt.app.TestRun;
import org.dapt.error.ExitCode;
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
    try (CompareJob job = new CompareJob(comparison, new Line("no.such.Main"), 2)) {
      assertThat(job.run())
          .hasSize(2)
          .allSatisfy(end -> assertThat(end.text()).contains("exit code 2", "train.ranks is 2"));
    }
  }

  @Test
  void runsWaitForSettingsThatAnotherProcessTries() throws Exception {
    TestRun.in(
        folder,
        List.of("colour"),
        "compare { dir = out, methods = [seq-lora], seeds = [1, 2]",
        "tune { tasks = 1, grid { seq-lora.train.learning-rate = [0.1, 0.2] } } }");
    Comparison comparison = Comparison.load(folder.resolve("run.conf"), List.of());
    try (CompareJob job = new CompareJob(comparison, new Line(Held.class.getName()), 2)) {
      assertThat(job.tune()).hasSize(2).allSatisfy(end -> assertThat(end.code()).isEqualTo(5));
      assertThat(job.run())
          .hasSize(2)
          .allSatisfy(end -> assertThat(end.text()).contains("exit code 5", "Another process"));
    }
    assertThat(folder.resolve("out/tune/seq-lora.base.json")).doesNotExist();
  }

  /** Ends as a run does that another process has. */
  static final class Held {
    private Held() {}

    public static void main(String[] arguments) {
      System.exit(ExitCode.LEASE.code());
    }
  }

  private record Line(String main) implements CompareJob.CommandLine {

    @Override
    public List<String> arguments() {
      return List.of();
    }
  }
}
