package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say that they would do, before and after it is done; and the report as JSON. */
class DryRunTest {
  @TempDir private Path folder;
  private TestRun run;

  @BeforeEach
  void configure() throws IOException {
    run = TestRun.in(folder, List.of("colour", "order"));
  }

  @Test
  void beforeAnythingIsDoneAllIsToDoAndNothingIsWritten() throws IOException {
    Map<String, FileTime> before = times();
    TestRun.Ended ended = run.run("run", "--dry-run");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out())
        .contains("would be started", "t5, 89 tensors", "MiB for each rank")
        .containsSubsequence(
            "colour: to do, files are sound: 32 train, 8 dev, 8 test examples",
            "colour: to do, 4 steps of 8 examples",
            "step 1: to do",
            "order: to do, files are sound",
            "step 2: to do");
    JsonNode json =
        JsonMapper.builder()
            .build()
            .readTree(run.run("run", "--dry-run", "--format", "json").out());
    assertThat(json.get("dry_run").findValuesAsText("what"))
        .containsExactly(
            "configuration",
            "run",
            "model",
            "memory",
            "prepare",
            "train",
            "evaluate",
            "prepare",
            "train",
            "evaluate");
    assertThat(json.at("/dry_run/5/state").asText()).isEqualTo("to do");
    assertThat(run.run("prepare", "order", "--dry-run").out())
        .contains("order: to do, files are sound")
        .doesNotContain("colour:");
    fails(run.run("train", "--dry-run"), 3, "Task colour is not prepared");
    fails(run.run("evaluate", "--dry-run"), 2, "no step 0");
    fails(run.run("learn", "none", "--dry-run"), 3, "none does not exist");
    assertThat(times()).isEqualTo(before);
  }

  @Test
  void whatIsWrongIsFound() throws IOException {
    Path test = folder.resolve("tasks/order/test.json");
    byte[] whole = Files.readAllBytes(test);
    Files.write(test, java.util.Arrays.copyOf(whole, whole.length - 9));
    fails(run.run("run", "--dry-run"), 3, "order/test.json");
    fails(run.with("train.epochs=none").run("run", "--dry-run"), 2, "train.epochs");
    fails(run.with("model.path=nowhere").run("run", "--dry-run"), 3, "nowhere");
    Files.createDirectories(folder.resolve("run/foreign"));
    fails(run.run("run", "--dry-run"), 2, "foreign", "not a run directory");
  }

  @Test
  void afterARunAllIsDoneAndTheReportIsOneDocument() throws IOException {
    TestRun.Ended first = run.run("run");
    assertThat(first.code()).as(first.err()).isZero();
    Map<String, FileTime> before = times();
    TestRun.Ended again = run.run("run", "--dry-run");
    assertThat(again.code()).isZero();
    assertThat(again.out())
        .contains("tasks learnt: colour, order")
        .containsSubsequence(
            "colour: done, 32", "colour: done", "step 1: done", "order: done", "step 2: done")
        .doesNotContain("to do");
    TaskFiles.write(folder.resolve("tasks"), "length", 32);
    TestRun.Ended next =
        TestRun.execute("learn", "--run", folder.resolve("run").toString(), "length", "--dry-run");
    assertThat(next.out()).contains("length: to do, 4 steps of 8 examples", "step 3: to do");
    assertThat(run.run("evaluate", "--step", "1", "--dry-run").out()).contains("step 1: done");
    fails(run.with("lora.r=3").run("run", "--dry-run"), 2, "another configuration", "lora.r");

    TestRun.Ended json =
        TestRun.execute("report", "--run", folder.resolve("run").toString(), "--format", "json");
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode report = JsonMapper.builder().build().readTree(json.out());
    assertThat(report.get("tasks")).hasSize(2);
    assertThat(report.get("training")).hasSize(2);
    JsonNode last = report.at("/scores/1");
    assertThat(report.at("/metrics/ap").asDouble())
        .isCloseTo((last.get(0).asDouble() + last.get(1).asDouble()) / 2, within(1e-9));
    assertThat(report.at("/metrics/fwt").isNull()).isTrue();
    assertThat(report.get("selection_accuracy").asDouble()).isBetween(0.0, 100.0);
    fails(
        TestRun.execute("report", "--run", folder.resolve("run").toString(), "--format", "xml"),
        2,
        "--format is xml");
    before.forEach((file, time) -> assertThat(times()).containsEntry(file, time));
  }

  private Map<String, FileTime> times() {
    Map<String, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        times.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return times;
  }

  private static void fails(TestRun.Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says).doesNotContain("\tat ", "unexpected failure");
    assertThat(ended.code()).isEqualTo(code);
  }
}
