package org.dapt.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sinks that write files go on where an earlier command or a killed one left off. */
class FileSinksTest {
  private static final Instant TIME = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  @Test
  void jsonLinesHoldOneObjectAValue() throws IOException {
    Path file = folder.resolve("new/metrics.jsonl");
    JsonLinesSink sink = new JsonLinesSink(file.toString());
    sink.open(run("one"));
    sink.write(List.of(point("loss/01-a", 1, 0.1), point("loss/01-a", 2, Double.NaN)));
    // Readers see it while the run goes on.
    assertThat(Files.readAllLines(file)).hasSize(2);
    sink.close(true);
    JsonNode line = JSON.readTree(Files.readAllLines(file).get(0));
    assertThat(line)
        .isEqualTo(
            JSON.readTree(
                "{\"run_id\":\"one\",\"series\":\"loss/01-a\",\"step\":1,\"value\":0.1,\"time\":\"2026-01-02T03:04:05.678Z\"}"));
    assertThat(JSON.readTree(Files.readAllLines(file).get(1)).get("value").isNull()).isTrue();
  }

  @Test
  void jsonLinesGoOnBehindATornLineAndTellRunsApart() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    JsonLinesSink sink = new JsonLinesSink(file.toString());
    sink.open(run("one"));
    sink.write(List.of(point("loss/01-a", 1, 1), point("loss/01-a", 3, 1)));
    sink.close(true);
    Files.writeString(file, "{\"run_id\":\"one\",\"ser", UTF_8, StandardOpenOption.APPEND);
    JsonLinesSink again = new JsonLinesSink(file.toString());
    again.open(run("one"));
    assertThat(again.held("loss/01-a")).isEqualTo(steps(1, 3));
    assertThat(again.held("loss/02-b")).isEqualTo(steps());
    again.write(List.of(point("loss/01-a", 4, 1)));
    again.close(true);
    JsonLinesSink other = new JsonLinesSink(file.toString());
    other.open(run("two"));
    assertThat(other.held("loss/01-a")).isEqualTo(steps());
    other.close(true);
    for (String line : Files.readAllLines(file)) {
      assertThat(JSON.readTree(line).get("run_id").asText()).isEqualTo("one");
    }
    assertThat(Files.readAllLines(file)).hasSize(3);
  }

  /** Of two runs in one file one was killed in a line, and the other went on behind it. */
  @Test
  void aLineThatTwoRunsWroteInDoesNotEndTheFile() throws IOException {
    Path file = folder.resolve("metrics.jsonl");
    String whole = "{\"run_id\":\"two\",\"series\":\"loss/01-a\",\"step\":%d,\"value\":1}\n";
    Files.writeString(file, "{\"run_id\":\"one\",\"ser" + whole.formatted(1) + whole.formatted(2));
    for (String run : List.of("one", "two")) {
      JsonLinesSink sink = new JsonLinesSink(file.toString());
      sink.open(run(run));
      assertThat(sink.held("loss/01-a")).isEqualTo(run.equals("two") ? steps(2) : steps());
      sink.write(List.of(point("loss/01-a", 3, 1)));
      sink.close(true);
    }
    assertThat(Files.readAllLines(file)).hasSize(4);
  }

  @Test
  void tensorBoardFilesAreAFolderARunAndAFileACommand() throws IOException {
    TensorBoardSink sink = new TensorBoardSink(folder.toString());
    sink.open(run("11111111-2222"));
    sink.write(List.of(point("loss/01-a", 1, 0.5), point("loss/01-a", 2, 0.25)));
    Path own = folder.resolve("my-run-11111111");
    byte[] before = Files.readAllBytes(files(own).get(0));
    assertThat(before.length).isGreaterThan(40 + 2 * 40);
    sink.close(true);
    // A killed process leaves part of a record.
    Files.write(files(own).get(0), new byte[] {30, 0, 0}, StandardOpenOption.APPEND);
    TensorBoardSink again = new TensorBoardSink(folder.toString());
    again.open(run("11111111-2222"));
    assertThat(again.held("loss/01-a")).isEqualTo(steps(1, 2));
    assertThat(files(own)).hasSize(1);
    again.write(List.of(point("loss/01-a", 3, 0.125)));
    again.close(true);
    assertThat(files(own)).hasSize(2).allMatch(file -> file.toString().contains("tfevents"));
    TensorBoardSink other = new TensorBoardSink(folder.toString());
    other.open(run("33333333-2222"));
    assertThat(other.held("loss/01-a")).isEqualTo(steps());
    other.close(true);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  private static MetricPoint point(String series, int step, double value) {
    return new MetricPoint(series, step, value, TIME);
  }

  private static BitSet steps(int... steps) {
    BitSet set = new BitSet();
    for (int step : steps) {
      set.set(step);
    }
    return set;
  }

  private static SinkRun run(String id) {
    return new SinkRun(
        new Configuration(),
        new org.apache.hadoop.fs.Path("/runs/my-run"),
        id,
        Map.of(),
        Map.of(),
        "0");
  }
}
