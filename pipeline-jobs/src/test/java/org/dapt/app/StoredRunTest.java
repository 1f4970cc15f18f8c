package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.dapt.app.TestRun.Ended;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run directory that version 0.1.0 wrote is one of this version. */
class StoredRunTest {
  private static final String VERSION = "0.1.0";
  private static final String[] LOCAL = {
    "-D", "spark.driver.host=127.0.0.1", "-D", "spark.driver.bindAddress=127.0.0.1"
  };

  @TempDir private Path folder;
  private Path run;

  @BeforeEach
  void bringBack() throws IOException {
    run = StoredRun.write(folder, VERSION);
  }

  @Test
  void isReportedInspectedAndAnswersAndHasNothingToDo() throws IOException {
    Map<Path, byte[]> before = files(run);

    assertThat(dapt("report").out())
        .contains("Method dapt-lora, seed 42, metric exact-match")
        .containsPattern("after order  100\\.00\\s+after length 100\\.00\\s+0\\.00\\s")
        .containsPattern("on t2  .?0\\.61 +.?0\\.39")
        .containsPattern("t2   length\\s+Training\\s+t1  2 steps on 1 rank in 5 s");
    assertThat(dapt("evaluate").code()).isZero();
    assertThat(TestRun.execute("inspect", run.toString()).out())
        .contains("Run directory at", "done: 2 tasks learnt", "01-order, done, steps 2")
        .contains("order, done, train 16, dev 4, test 4", "digest as written", "step=0002")
        .doesNotContain("damaged");
    Path inputs =
        Files.writeString(
            folder.resolve("in.jsonl"), "{\"id\": \"a\", \"input\": \"the lamp is red\"}\n");
    Path answers = folder.resolve("answers");
    assertThat(dapt("predict", "--input", inputs.toString(), "--output", answers.toString()).code())
        .isZero();
    assertThat(answers).isDirectoryContaining("glob:**_DONE");

    assertThat(files(run).keySet()).isEqualTo(before.keySet());
    before.forEach(
        (file, bytes) -> assertThat(run.resolve(file.toString())).hasBinaryContent(bytes));
  }

  /** Model and tasks were moved since, and memory is short. */
  @Test
  void learnsAFurtherTaskElsewhere() throws IOException {
    Map<Path, byte[]> before = files(run);
    Path tasks = Files.move(folder.resolve("tasks"), folder.resolve("moved"));
    Path model = folder.resolve("model");
    FileUtils.copyDirectory(TestRun.MODEL.toFile(), model.toFile());

    Ended learnt =
        dapt(
            "learn",
            "colour",
            "-D",
            "tasks.root=" + tasks,
            "-D",
            "model.path=" + model,
            "-D",
            "train.micro-batch-tokens=64",
            "-D",
            "evaluate.batch-tokens=64");

    assertThat(learnt.code()).as(learnt.err()).isZero();
    assertThat(learnt.out())
        .containsPattern("after length 100\\.00\\s+0\\.00\\s+after colour +\\d+\\.\\d\\d");
    assertThat(run.resolve("tasks/03-colour/_DONE")).exists();
    before.forEach(
        (file, bytes) -> assertThat(run.resolve(file.toString())).hasBinaryContent(bytes));
    Ended refused = dapt("learn", "colour", "-D", "tasks.root=" + tasks, "-D", "lora.r=2");
    assertThat(refused.code()).isEqualTo(2);
    assertThat(refused.err()).contains("lora.r: ").doesNotContain("tasks.root: ");
  }

  private Ended dapt(String command, String... arguments) {
    String[] all =
        Stream.of(
                Stream.of(command, "--run", run.toString()), Stream.of(LOCAL), Stream.of(arguments))
            .flatMap(part -> part)
            .toArray(String[]::new);
    return TestRun.execute(all);
  }

  /** What is stored, apart from the checksums and the lease, which come and go. */
  private static Map<Path, byte[]> files(Path run) throws IOException {
    Map<Path, byte[]> files = new TreeMap<>();
    try (Stream<Path> all = Files.walk(run)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String name = file.getFileName().toString();
        if (!name.endsWith(".crc") && !name.equals("lease")) {
          files.put(run.relativize(file), Files.readAllBytes(file));
        }
      }
    }
    return files;
  }
}
