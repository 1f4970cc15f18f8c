package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /** Left alone; the others are compared with it. */
  @TempDir private static Path undisturbed;

  @TempDir private Path folder;
  private TestRun run;
  private Path dir;

  @BeforeAll
  static void runUndisturbed() throws IOException {
    writeTasks(undisturbed);
    TestRun.Ended ended =
        TestRun.in(undisturbed, TASKS)
            .with("train.epochs=3", "train.ranks=2", "train.exchange=gloo")
            .run("run");
    assertThat(ended.code()).isZero();
  }

  @BeforeEach
  void prepare() throws IOException {
    writeTasks(folder);
    run = TestRun.in(folder, TASKS).with(SETTINGS);
    dir = folder.resolve("run");
  }

  @Test
  void aDriverKilledInBothTasksChangesNothing() throws Exception {
    killAt("01-colour");
    // A damaged newest checkpoint costs the steps from the one before, and a warning.
    List<Path> kept = checkpoints("01-colour");
    Path newest = kept.get(kept.size() - 1);
    byte[] content = Files.readAllBytes(newest);
    content[content.length - 9] ^= 1;
    Files.write(newest, content);
    forgetCheckSum(newest);
    String log = killAt("02-order");
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
    try (DaptProcess process = start(clusterSettings())) {
      process.awaitFiles(checkpointFolder("01-colour"), ".safetensors", 2);
      process.killExecutor();
      assertThat(process.end()).as(process.output()).isZero();
    }
    assertEqualToUndisturbed();
  }

  @Test
  void aCheckpointOfAnotherLayoutIsRefused() throws Exception {
    killAt("01-colour");
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

  private static void writeTasks(Path folder) throws IOException {
    for (String task : TASKS) {
      TaskFiles.write(folder.resolve("tasks"), task, 80);
    }
  }

  /** Starts a run, kills it after the second checkpoint of a task, returns what it printed. */
  private String killAt(String task) throws Exception {
    try (DaptProcess process = start(List.of())) {
      process.awaitFiles(checkpointFolder(task), ".safetensors", 2);
      process.kill();
      return process.output();
    }
  }

  private DaptProcess start(List<String> more) throws IOException {
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
    Path other = undisturbed.resolve("run");
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

  /** The local file system's own, which other file systems may lack. */
  private static void forgetCheckSum(Path file) throws IOException {
    Files.delete(file.resolveSibling("." + file.getFileName() + ".crc"));
  }

  private List<Path> checkpoints(String task) throws IOException {
    return DaptProcess.files(checkpointFolder(task), ".safetensors");
  }

  private Path checkpointFolder(String task) {
    return dir.resolve("tasks").resolve(task).resolve("checkpoints");
  }
}
