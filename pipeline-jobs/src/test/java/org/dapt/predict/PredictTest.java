package org.dapt.predict;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.dapt.app.TestRun;
import org.dapt.config.CapturedLog;
import org.dapt.gang.TestSpark;
import org.dapt.spark.LiteralPaths;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Predictions of files, as a user makes them. */
class PredictTest {
  private static final List<String> TASKS = List.of("colour", "order");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Colons, brackets and per cent signs are syntax to Hadoop, Spark and readers of URIs. */
  private static final String NAME = "manual__2024-01-01T00:00:00+00:00 [1] a%20b";

  private static Path learnt;

  @TempDir private static Path temporary;
  @TempDir private Path folder;

  @BeforeAll
  static void learn() throws IOException {
    learnt = temporary.resolve(NAME);
    // Not a copy: learning takes the name, too.
    TestRun.Ended ended = TestRun.in(learnt, TASKS).run("run");
    assertThat(ended.code()).as(ended.err()).isZero();
  }

  @Test
  void answersEqualThoseOfTheEvaluationAfterEveryStep() throws IOException {
    for (int step = 1; step <= TASKS.size(); step++) {
      for (String task : TASKS.subList(0, step)) {
        Path output = folder.resolve(task + step);
        succeeds(predict(test(task), output, "--step", Integer.toString(step), "--part-rows", "3"));
        Map<String, Row> stored =
            byId(table(learnt.resolve("run/predictions/step=000%d/task=%s".formatted(step, task))));
        List<Row> found = table(output);
        assertThat(found).hasSameSizeAs(stored.values());
        for (Row row : found) {
          Row expected = stored.get(row.<String>getAs("id"));
          assertThat(row.<String>getAs("prediction")).isEqualTo(expected.getAs("prediction"));
          assertThat(row.<String>getAs("input")).isEqualTo(expected.getAs("input"));
          List<Double> weights = expected.getList(expected.fieldIndex("mixture"));
          Map<String, Double> mixture = row.getJavaMap(row.fieldIndex("weights"));
          for (int i = 0; i < step; i++) {
            assertThat(mixture.get(TASKS.get(i))).isCloseTo(weights.get(i), within(1e-5));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"jsonl", "parquet", "csv", "lines.json", "jsonl.gz"})
  void everyFormGivesTheSameAnswersInTheSameOrder(String form) throws IOException {
    succeeds(predict(test("colour"), folder.resolve("json")));
    JsonNode file = JSON.readTree(test("colour").toFile());
    String instruction = file.at("/Definition/0").asText();
    List<String> lines = new ArrayList<>();
    for (JsonNode instance : file.get("Instances")) {
      lines.add(
          JSON.writeValueAsString(
              Map.of(
                  "id", instance.get("id").asText(),
                  "input", instance.get("input").asText())));
    }
    Path written = write(form, lines);
    succeeds(
        predict(
            written, folder.resolve("other"), "--instruction", instruction, "--part-rows", "5"));
    assertThat(answers(folder.resolve("other"))).isEqualTo(answers(folder.resolve("json")));
  }

  @Test
  void rowsThatCannotBeAnsweredSayWhyAndAreCounted() throws IOException {
    Path input =
        Files.writeString(
            folder.resolve("in.jsonl"),
            """
            {"input": "the lamp is red 1", "id": 7, "instruction": "Answer about colour."}
            {"id": "without"}
            {"input": null}

            {"input": 5}
            {"input": ["a"]}
            not json
            ["a"]
            {"input": "a", "input": "b"}
            {"input": "  "}
            """
                + "{\"input\": \"%s\"}\n".formatted("long ".repeat(2000)));
    TestRun.Ended ended = predict(input, folder.resolve("out"));
    succeeds(ended);
    assertThat(ended.out())
        .contains("10 predictions", "3 answered", "7 with an error", "1 inputs cut", "1 blank")
        .contains("examples/s", "tokens/s")
        .contains("The first error is that of row 1: input is missing");
    List<Row> rows = table(folder.resolve("out"));
    assertThat(rows.stream().map(row -> row.<String>getAs("error")))
        .containsExactly(
            null,
            "input is missing",
            "input is missing",
            "input is not a text",
            "input is not a text",
            rows.get(5).getAs("error"),
            "not a JSON object",
            rows.get(7).getAs("error"),
            null,
            null);
    assertThat(rows.get(5).<String>getAs("error")).startsWith("not a JSON object: ");
    assertThat(rows.get(7).<String>getAs("error")).contains("Duplicate field 'input'");
    assertThat(rows.stream().map(row -> row.<String>getAs("id")))
        .containsExactly("7", "without", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(rows.get(1).<String>getAs("prediction")).isNull();
    assertThat(rows.get(9).<Boolean>getAs("cut")).isTrue();
    assertThat(rows.get(9).<Integer>getAs("source_tokens")).isEqualTo(512);
  }

  @Test
  void aDefinitionBehindTheInstancesCountsAndAnswersNeedNotBeThere() throws IOException {
    String instances =
        "\"Instances\": [{\"input\": \"the door is blue 1\"}, 3, {\"input\": \"red\", \"output\":"
            + " 1}]";
    String definition = "\"Definition\": [\"Answer about colour.\"]";
    Path behind = write("behind.json", List.of("{" + instances + ", " + definition + "}"));
    Path before = write("before.json", List.of("{" + definition + ", " + instances + "}"));
    succeeds(predict(behind, folder.resolve("a")));
    succeeds(predict(before, folder.resolve("b")));
    assertThat(answers(folder.resolve("a"))).isEqualTo(answers(folder.resolve("b")));
    assertThat(table(folder.resolve("a")).get(1).<String>getAs("error"))
        .isEqualTo("not a JSON object");
    Path bare = write("bare.json", List.of("[{\"input\": \"the door is blue 1\"}]"));
    succeeds(predict(bare, folder.resolve("c")));
    assertThat(table(folder.resolve("c")).get(0).<Integer>getAs("source_tokens"))
        .isLessThan(table(folder.resolve("a")).get(0).<Integer>getAs("source_tokens"));
  }

  /** The run has no chat template: then the system's message is what is to be done. */
  @Test
  void aConversationIsAnsweredAsWhatItComesTo() throws IOException {
    Path plain =
        write(
            "jsonl",
            List.of(
                "{\"instruction\": \"Answer about colour.\", \"input\": \"the door is blue 1\"}",
                "{\"input\": \"user: red\\nassistant: no\\nuser: blue\"}"));
    succeeds(predict(plain, folder.resolve("plain")));
    List<String> said =
        List.of(
            """
            {"messages": [{"role": "system", "content": "Answer about colour."}, \
            {"role": "user", "content": "the door is blue 1"}, {"role": "assistant", "content": "?"}]}""",
            """
            {"messages": [{"role": "user", "content": "red"}, {"role": "assistant", "content": "no"}, \
            {"role": "user", "content": "blue"}]}""");
    for (String form : List.of("jsonl", "parquet")) {
      Path output = folder.resolve("said-" + form);
      succeeds(predict(write(form, said), output));
      assertThat(answers(output)).isEqualTo(answers(folder.resolve("plain")));
      assertThat(table(output).get(1).<String>getAs("input"))
          .isEqualTo("user: red\nassistant: no\nuser: blue");
    }
  }

  @Test
  void jsonLinesHaveTheSameFields() throws IOException {
    Path output = folder.resolve("out");
    succeeds(predict(test("order"), output, "--format", "jsonl"));
    succeeds(predict(test("order"), folder.resolve("parquet")));
    List<JsonNode> rows = new ArrayList<>();
    try (Stream<String> lines = Files.lines(output.resolve("part-00000.jsonl"))) {
      for (String line : (Iterable<String>) lines::iterator) {
        rows.add(JSON.readTree(line));
      }
    }
    List<Row> table = table(folder.resolve("parquet"));
    assertThat(rows).hasSameSizeAs(table);
    for (int i = 0; i < rows.size(); i++) {
      Row row = table.get(i);
      assertThat(rows.get(i).get("prediction").asText()).isEqualTo(row.getAs("prediction"));
      assertThat(rows.get(i).get("chosen_task").asText()).isEqualTo(row.getAs("chosen_task"));
      assertThat(rows.get(i).get("error").isNull()).isTrue();
      Map<String, Double> weights = row.getJavaMap(row.fieldIndex("weights"));
      assertThat(rows.get(i).at("/weights/order").asDouble()).isEqualTo(weights.get("order"));
      assertThat(rows.get(i).get("weights").fieldNames())
          .toIterable()
          .containsExactlyElementsOf(TASKS);
    }
  }

  @Test
  void aSecondCallFindsAllDoneAndOtherInputsAreRefused() throws IOException {
    Path input = write("in.jsonl", List.of("{\"input\": \"red\"}", "{\"input\": \"blue\"}"));
    Path output = folder.resolve("out");
    succeeds(predict(input, output));
    Map<String, String> before = content(output);
    TestRun.Ended second = predict(input, output);
    succeeds(second);
    assertThat(second.out()).contains("2 predictions").doesNotContain("examples/s");
    assertThat(content(output)).isEqualTo(before);
    assertThat(before.keySet()).containsExactlyInAnyOrder("_DONE", "_PLAN", "part-00000.parquet");
    fails(
        predict(input, output, "--step", "1"), 2, "made from something else", "--step: 1, then 2");
    fails(
        predict(input, output, "--instruction", "Say it."), 2, "--instruction: Say it., then not");
    Files.writeString(input, "{\"input\": \"green\"}\n");
    fails(predict(input, output), 2, "made from something else", "input/0-in.jsonl");
    assertThat(content(output)).isEqualTo(before);
  }

  @Test
  void filesThatWereRemovedAreNoticed() throws IOException {
    Path output = folder.resolve("out");
    succeeds(predict(test("colour"), output, "--part-rows", "2"));
    Files.delete(output.resolve("part-00001.parquet"));
    fails(predict(test("colour"), output), 3, "has 6 predictions, but the input has 8 rows");
    Files.delete(output.resolve("_DONE"));
    fails(predict(test("colour"), output), 3, "_inputs", "Delete the folder");
  }

  @Test
  void wrongOptionsAndInputsAreExplained() throws IOException {
    Path good = write("in.jsonl", List.of("{\"input\": \"red\"}"));
    Path output = folder.resolve("out");
    fails(predict(folder.resolve("none.jsonl"), output), 3, "none.jsonl does not exist", "--input");
    fails(predict(good, output, "--step", "3"), 2, "no step 3", "2 tasks");
    fails(predict(good, output, "--task", "colour"), 2, "--task is colour", "dapt-lora");
    fails(predict(good, output, "--format", "xml"), 2, "--format is xml", "parquet or jsonl");
    fails(predict(good, output, "--input-format", "xml"), 2, "--input-format is xml");
    fails(predict(good, output, "--part-rows", "0"), 2, "--part-rows is 0");
    fails(
        predict(good, output, "--input-column", "text"),
        3,
        "None of the 1 rows",
        "text is missing");
    fails(predict(write("in.txt", List.of("a")), output), 2, "in.txt", "--input-format");
    fails(predict(write("empty.jsonl", List.of("")), output), 3, "has no rows");
    fails(predict(write("bad.json", List.of("{\"Instances\": [")), output), 3, "bad.json");
    fails(predict(write("no.json", List.of("{\"Definition\": []}")), output), 3, "Instances");
    fails(predict(write("in.csv", List.of("a,b", "1,2")), output), 3, "column input", "[a, b]");
    Files.writeString(Files.createDirectories(folder.resolve("mine")).resolve("a.txt"), "mine");
    fails(predict(good, folder.resolve("mine")), 2, "holds other files (a.txt)");
    fails(predict(good, good), 2, "is a file");
    fails(
        TestRun.execute("predict", "--run", run(), "--input", good.toString()),
        2,
        "--output is missing");
    fails(
        TestRun.execute("predict", "--run", folder.toString(), "--input", "a", "--output", "b"),
        2,
        "is not a run directory");
    TestRun other = TestRun.in(folder.resolve("other"), List.of("colour"));
    fails(other.run("predict", "--input", "a", "--output", "b"), 2, "is not a run directory");
    assertThat(folder.resolve("other/run")).doesNotExist();
    assertThat(folder.resolve("mine")).isDirectoryContaining("glob:**a.txt");
  }

  @Test
  void bytesThatAreNoUtf8AreWarnedOf() throws IOException {
    Path input =
        Files.write(folder.resolve("in.csv"), "input\nred\ncaf\u00e9\n".getBytes(ISO_8859_1));
    try (CapturedLog log = new CapturedLog(DealJob.class)) {
      succeeds(predict(input, folder.resolve("out")));
      assertThat(log.lines(Level.WARN))
          .anyMatch(line -> line.startsWith("1 of 2 rows of ") && line.contains("not UTF-8"));
    }
    Files.writeString(input, "input\nred\ncaf\u00e9\n");
    try (CapturedLog log = new CapturedLog(DealJob.class)) {
      succeeds(predict(input, folder.resolve("other")));
      assertThat(log.lines(Level.WARN)).noneMatch(line -> line.contains("UTF-8"));
    }
  }

  @Test
  void aFolderOfFilesKeepsTheirOrder() throws IOException {
    Path input = Files.createDirectories(folder.resolve("in"));
    for (int file = 0; file < 3; file++) {
      List<String> lines = new ArrayList<>();
      // The last file is the largest, which Spark would read first.
      for (int row = 0; row <= 4 * file; row++) {
        lines.add("{\"id\": \"%d-%d\", \"input\": \"red %d\"}".formatted(file, row, row));
      }
      Files.write(input.resolve("part %d.jsonl".formatted(file)), lines);
    }
    Files.writeString(input.resolve("_SUCCESS"), "");
    succeeds(predict(input, folder.resolve("out"), "--part-rows", "4"));
    assertThat(table(folder.resolve("out")).stream().map(row -> row.<String>getAs("id")))
        .startsWith("0-0", "1-0", "1-1")
        .endsWith("2-7", "2-8")
        .hasSize(15)
        .doesNotHaveDuplicates();
    Files.writeString(input.resolve("other.csv"), "input\nred\n");
    fails(predict(input, folder.resolve("two")), 2, "files of several kinds");
  }

  @Test
  void aDryRunSaysWhatIsToDoAndWritesNothing() throws IOException {
    Path input = write("in.jsonl", List.of("{\"input\": \"red\"}"));
    Path output = folder.resolve("out");
    TestRun.Ended before = predict(input, output, "--dry-run");
    succeeds(before);
    assertThat(before.out()).contains("1 file, jsonl", "to do, with the model after 2 tasks");
    assertThat(output).doesNotExist();
    succeeds(predict(input, output));
    TestRun.Ended after = predict(input, output, "--dry-run");
    succeeds(after);
    assertThat(after.out()).contains("done, 1 rows");
    fails(predict(input, output, "--dry-run", "--step", "1"), 2, "made from something else");
  }

  private static String run() {
    return learnt.resolve("run").toString();
  }

  private static Path test(String task) {
    return learnt.resolve("tasks").resolve(task).resolve("test.json");
  }

  private static TestRun.Ended predict(Path input, Path output, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of(
                "predict",
                "--run",
                run(),
                "--input",
                input.toString(),
                "--output",
                output.toString()));
    all.addAll(List.of(more));
    return TestRun.execute(all.toArray(new String[0]));
  }

  /** Writes {@code lines}, objects of id and input, in the form that the name says. */
  private Path write(String name, List<String> lines) throws IOException {
    Path file = folder.resolve("in." + name);
    if (name.equals("jsonl.gz")) {
      try (var out = new java.util.zip.GZIPOutputStream(Files.newOutputStream(file))) {
        out.write(
            (String.join("\n", lines) + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
      }
    } else if (name.equals("csv") || name.equals("parquet")) {
      Path plain = Files.write(folder.resolve("plain.jsonl"), lines);
      var table =
          TestSpark.session()
              .read()
              .json(plain.toString())
              .coalesce(1)
              .write()
              .mode(SaveMode.Overwrite);
      if (name.equals("csv")) {
        table.option("header", true).csv(file.toString());
      } else {
        table.parquet(file.toString());
      }
    } else {
      Files.write(name.startsWith("in.") ? folder.resolve(name) : file, lines);
      return name.startsWith("in.") ? folder.resolve(name) : file;
    }
    return file;
  }

  /** The rows of a folder by their index. */
  private static List<Row> table(Path folder) {
    return LiteralPaths.reader(TestSpark.session())
        .parquet(folder.toString())
        .orderBy("index")
        .collectAsList();
  }

  private static Map<String, Row> byId(List<Row> rows) {
    Map<String, Row> byId = new TreeMap<>();
    rows.forEach(row -> byId.put(row.getAs("id"), row));
    return byId;
  }

  private static List<Map<String, Object>> answers(Path folder) {
    return table(folder).stream()
        .map(
            row -> {
              Map<String, Object> answer = new TreeMap<>();
              answer.put("index", row.getAs("index"));
              answer.put("id", row.getAs("id"));
              answer.put("prediction", String.valueOf(row.<String>getAs("prediction")));
              answer.put("chosen", String.valueOf(row.<String>getAs("chosen_task")));
              return answer;
            })
        .toList();
  }

  private static Map<String, String> content(Path folder) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (!file.getFileName().toString().endsWith(".crc")) {
          content.put(file.getFileName().toString(), Files.getLastModifiedTime(file).toString());
        }
      }
    }
    return content;
  }

  private static void succeeds(TestRun.Ended ended) {
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.err()).doesNotContain("unexpected failure");
  }

  private static void fails(TestRun.Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says).doesNotContain("\tat ", "unexpected failure");
    assertThat(ended.code()).isEqualTo(code);
  }
}
