package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that was cut off and started again ends as one that was left alone, bit by bit. */
class InterruptedRunTest {
  private static final List<String> TASKS = List.of("colour", "order");

  /** 80 examples in batches of 8, 3 times: 30 steps a task. */
  private static final String[] SETTINGS = {
    "train.epochs=3", "train.ranks=2", "checkpoint.steps=2", "checkpoint.interval=0s"
  };

  /**
   * The tasks of all, a run that was left alone, with which the others are compared, and one whose
   * process was killed in its first task.
   */
  @TempDir private static Path shared;

  @TempDir private Path folder;
  private TestRun run;
  private Path dir;

  @BeforeAll
  static void runAndKill() throws Exception {
    for (String task : TASKS) {
      TaskFiles.write(shared.resolve("tasks"), task, 80);
    }
    TestRun.Ended ended =
        TestRun.in(shared, TASKS)
            .with("train.epochs=3", "train.ranks=2", "train.exchange=gloo")
            .run("run");
    assertThat(ended.code()).isZero();
    killAt(shared, "killed", "01-colour");
  }

  @BeforeEach
  void prepare() throws IOException {
    run =
        TestRun.in(folder, TASKS, "tasks.root = \"" + shared.resolve("tasks") + "\"")
            .with(SETTINGS);
    dir = folder.resolve("run");
  }

  @Test
  void aDriverKilledInBothTasksChangesNothing() throws Exception {
    FileUtils.copyDirectory(shared.resolve("killed").toFile(), dir.toFile());
    // A damaged newest checkpoint costs the steps from the one before, and a warning.
    List<Path> kept = checkpoints("01-colour");
    Path newest = kept.get(kept.size() - 1);
    byte[] content = Files.readAllBytes(newest);
    content[content.length - 9] ^= 1;
    Files.write(newest, content);
    forgetCheckSum(newest);
    String log = killAt(folder, "run", "02-order");
    assertThat(log)
        .contains(newest.getFileName() + " is damaged", "another SHA-256")
        .contains("Going on behind step", kept.get(kept.size() - 2).getFileName().toString());
    TestRun.Ended ended = run.run("run");
    assertThat(ended.err()).doesNotContain("unexpected");
    assertThat(ended.code()).isZero();
    assertThat(checkpoints("01-colour")).isEmpty();
    assertThat(dir.resolve("tasks/02-order/checkpoints")).doesNotExist();
    assertEqualToUndisturbed();
  }

  @Test
  void aKilledExecutorCostsOnlyTheStepsSinceTheLastCheckpoint() throws Exception {
    try (DaptProcess process = start(folder, clusterSettings())) {
      process.awaitFiles(checkpoints(dir, "01-colour"), ".safetensors", 2);
      process.killExecutor();
      assertThat(process.end()).as(process.output()).isZero();
    }
    assertEqualToUndisturbed();
  }

  @Test
  void aCheckpointOfAnotherLayoutIsRefused() throws Exception {
    FileUtils.copyDirectory(shared.resolve("killed").toFile(), dir.toFile());
    for (Path file : checkpoints("01-colour")) {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      Files.writeString(
          file, text.replace("\"format\":\"3\"", "\"format\":\"0\""), StandardCharsets.ISO_8859_1);
      forgetCheckSum(file);
    }
    TestRun.Ended ended = run.run("run");
    assertThat(ended.code()).isEqualTo(3);
    assertThat(ended.err()).contains("has format 0, this version of dapt reads format 3");
  }

  /** Starts a run, kills it after the second checkpoint of a task, returns what it printed. */
  private static String killAt(Path folder, String name, String task) throws Exception {
    Path dir = folder.resolve(name);
    try (DaptProcess process = start(folder, DaptProcess.settings("run.dir=" + dir))) {
      process.awaitFiles(checkpoints(dir, task), ".safetensors", 2);
      process.kill();
      return process.output();
    }
  }

  private static DaptProcess start(Path folder, List<String> more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("run", "--config", folder.resolve("run.conf").toString()));
    arguments.addAll(DaptProcess.settings(SETTINGS));
    arguments.addAll(more);
    return DaptProcess.start(folder.resolve("log"), arguments);
  }

  private static List<String> clusterSettings() throws IOException {
    Files.createDirectories(Path.of(System.getenv("SPARK_HOME"), "jars"));
    return DaptProcess.settings(
        "spark.master=local-cluster[2,1,1024]",
        "spark.executor.memory=1024m",
        "spark.executor.extraClassPath=" + System.getProperty("java.class.path"),
        "train.exchange-timeout=20s");
  }

  private void assertEqualToUndisturbed() throws IOException {
    Path other = shared.resolve("run");
    for (String task : List.of("01-colour", "02-order")) {
      for (String file : List.of("block.safetensors", "attention.safetensors", "target.json")) {
        String path = "tasks/" + task + "/" + file;
        assertThat(
                Arrays.equals(
                    Files.readAllBytes(dir.resolve(path)), Files.readAllBytes(other.resolve(path))))
            .as(path)
            .isTrue();
      }
    }
  }

  /** The local file system's own, which it writes after the file: a kill may come in between. */
  private static void forgetCheckSum(Path file) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  private List<Path> checkpoints(String task) throws IOException {
    return DaptProcess.files(checkpoints(dir, task), ".safetensors");
  }

  private static Path checkpoints(Path dir, String task) {
    return dir.resolve("tasks").resolve(task).resolve("checkpoints");
  }
}
