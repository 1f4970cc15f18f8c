package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.error.ExitCode;
import org.dapt.hostile.BrokenInput;
import org.dapt.hostile.Outcome;
import org.dapt.run.RunDirectory.Identity;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Run directories of which a file is broken, or that another version of dapt wrote. */
class HostileRunDirectoryTest {
  private static final Identity IDENTITY = new Identity("c1", "m1", "t1", "dapt-lora", 42, "0.1.0");

  @TempDir Path folder;
  private final Configuration hadoop = new Configuration();
  private RunDirectory run;

  @BeforeEach
  void start() {
    run = open();
  }

  @TestFactory
  Stream<DynamicTest> runFiles() throws IOException {
    byte[] valid = Files.readAllBytes(folder.resolve("run.json"));
    return BrokenInput.json(valid, 9, 60)
        .map(
            input ->
                Outcome.test(
                    "run.json: " + input.name(),
                    () -> {
                      replace(folder.resolve("run.json"), input.content());
                      Outcome.of(ExitCode.CONFIGURATION, folder.toString(), this::open);
                      Outcome.of(
                          ExitCode.CONFIGURATION,
                          folder.toString(),
                          () -> RunDirectory.open(hadoop, hadoopPath(folder)));
                    }));
  }

  @TestFactory
  Stream<DynamicTest> markers() throws IOException {
    Path task = Files.createDirectories(folder.resolve("tasks/01-colour"));
    Marker marker = Marker.of(files(), hadoopPath(task));
    marker.write("c1", Map.of("data", "d1"), Map.of("sha256", "b1", "steps", 12));
    byte[] valid = Files.readAllBytes(task.resolve("_DONE"));
    return BrokenInput.json(valid, 10, 60)
        .map(
            input ->
                Outcome.test(
                    "_DONE: " + input.name(),
                    () -> {
                      replace(task.resolve("_DONE"), input.content());
                      for (Outcome.Action use :
                          List.<Outcome.Action>of(
                              marker::isDone,
                              () -> marker.matches("c1", Map.of("data", "d1")),
                              () -> marker.text("sha256"),
                              () -> marker.number("steps"),
                              run::learnt)) {
                        Outcome.of(ExitCode.INPUT, "01-colour", use);
                      }
                    }));
  }

  @TestFactory
  Stream<DynamicTest> leasesAreNotBelieved() throws IOException {
    byte[] valid = LeaseContent.ofThisProcess(3).toBytes();
    return BrokenInput.json(valid, 11, 30)
        .map(
            input ->
                Outcome.test(
                    "lease: " + input.name(),
                    () -> assertThat(LeaseContent.parse(input.content())).isNotNull()));
  }

  /** What an older or a newer version, or a hand, may have put into the folder of the tasks. */
  @TestFactory
  Stream<DynamicTest> foldersOfTasks() {
    return Stream.of(
            "00-colour",
            "01-",
            "1-colour",
            "001-colour",
            "999999999-colour",
            "9999999999-colour",
            "02-colour",
            "01-..",
            "01-.hidden",
            "-1-colour",
            "01-a b",
            "01-\u0441olour",
            "x")
        .map(
            name ->
                Outcome.test(
                    "the folder tasks/" + name,
                    () -> {
                      Path task = Files.createDirectories(folder.resolve("tasks").resolve(name));
                      Marker.of(files(), hadoopPath(task)).write("c1", Map.of(), Map.of());
                      Outcome.of(ExitCode.INPUT, "tasks", () -> run.learnt().forEach(this::placed));
                      Files.delete(task.resolve("_DONE"));
                    }));
  }

  private void placed(String task) {
    assertThat(run.data(task).getParent())
        .isEqualTo(new org.apache.hadoop.fs.Path(run.root(), "data"));
  }

  private RunDirectory open() {
    return RunDirectory.openOrCreate(
        hadoop, hadoopPath(folder), IDENTITY, "train.epochs = 1", stored -> List.of());
  }

  private FileSystem files() throws IOException {
    return FileSystem.getLocal(hadoop);
  }

  private static void replace(Path file, byte[] content) throws IOException {
    // Without the side file of Hadoop's local file system, which would notice every change.
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.write(file, content);
  }

  private static org.apache.hadoop.fs.Path hadoopPath(Path path) {
    return new org.apache.hadoop.fs.Path(path.toUri());
  }
}
