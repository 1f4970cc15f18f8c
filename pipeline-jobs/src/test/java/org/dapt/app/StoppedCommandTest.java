package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C and a request to end: what is said, what is left, and how it goes on. */
class StoppedCommandTest {
  private static final int ROWS = 600;

  @TempDir private Path folder;
  private Path run;
  private Path config;

  @BeforeEach
  void prepare() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 80);
    TestRun.in(folder, List.of("colour"), "checkpoint { steps = 2, interval = 0s }");
    run = folder.resolve("run");
    config = folder.resolve("run.conf");
  }

  @Test
  void aTrainingThatIsInterruptedSaysHowToGoOnAndDoes() throws Exception {
    List<String> command =
        List.of("run", "--config", config.toString(), "-D", "train.epochs=3", "-D", "run.seed=7");
    String log;
    try (DaptProcess process = DaptProcess.start(folder.resolve("log"), command)) {
      process.awaitFiles(run.resolve("tasks/01-colour/checkpoints"), ".safetensors", 1);
      process.signal("INT");
      assertThat(process.end()).as(process.output()).isEqualTo(130);
      log = process.output();
    }
    assertThat(log)
        .contains("dapt: interrupted.")
        .endsWith("\n  dapt " + String.join(" ", command) + "\n")
        .doesNotContain("\tat ", "Exception", "unexpected failure");
    assertThat(leftovers(run)).isEmpty();
    try (DaptProcess process = DaptProcess.start(folder.resolve("log"), command)) {
      assertThat(process.end()).as(process.output()).isZero();
      assertThat(process.output())
          .contains("Going on behind step")
          .doesNotContain("watching for", "interrupted");
    }
  }

  @Test
  void aPredictionThatIsStoppedOrKilledGoesOnWithWhatIsMissing() throws Exception {
    assertThat(TestRun.execute("run", "--config", config.toString()).code()).isZero();
    Path input = folder.resolve("in.jsonl");
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      rows.add("{\"id\": %d, \"input\": \"the lamp is red %d\"}".formatted(i, i));
    }
    Files.write(input, rows);
    Path output = folder.resolve("it's here");
    List<String> command =
        List.of(
            "predict",
            "--run",
            run.toString(),
            "--input",
            input.toString(),
            "--output",
            output.toString(),
            "--part-rows",
            "4",
            "--format",
            "jsonl");
    for (String signal : List.of("TERM", "KILL")) {
      List<Path> before = DaptProcess.files(output, ".jsonl");
      try (DaptProcess process = DaptProcess.start(folder.resolve("log"), command)) {
        process.awaitFiles(output, ".jsonl", before.size() + 3);
        process.signal(signal);
        assertThat(process.end()).isEqualTo(signal.equals("TERM") ? 143 : 137);
        if (signal.equals("TERM")) {
          assertThat(process.output())
              .contains("dapt: interrupted.", "/it'\\''s here'")
              .doesNotContain("\tat ", "Exception");
          assertThat(leftovers(output)).isEmpty();
        }
      }
      assertThat(DaptProcess.files(output, ".jsonl")).hasSizeLessThan(ROWS / 4);
      assertThat(output.resolve("_DONE")).doesNotExist();
    }
    List<Path> done = DaptProcess.files(output, ".jsonl");
    List<Object> times = new ArrayList<>();
    for (Path file : done) {
      times.add(Files.getLastModifiedTime(file));
    }
    TestRun.Ended ended = TestRun.execute(command.toArray(new String[0]));
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).contains(ROWS + " predictions");
    for (int i = 0; i < done.size(); i++) {
      assertThat(Files.getLastModifiedTime(done.get(i))).isEqualTo(times.get(i));
    }
    List<String> indexes = new ArrayList<>();
    for (Path file : DaptProcess.files(output, ".jsonl")) {
      for (String line : Files.readAllLines(file)) {
        indexes.add(line.substring(0, line.indexOf(',')));
      }
    }
    assertThat(indexes).hasSize(ROWS).doesNotHaveDuplicates();
    assertThat(leftovers(output)).isEmpty();
  }

  private static List<Path> leftovers(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(
              file -> {
                String name = file.getFileName().toString();
                return name.endsWith(".tmp") || name.equals("lease") || name.equals("_LEASE");
              })
          .toList();
    }
  }
}
