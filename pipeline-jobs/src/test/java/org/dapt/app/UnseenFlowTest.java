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
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.dapt.gang.TestSpark;
import org.dapt.run.RunDirectory;
import org.dapt.score.ScoreRow;
import org.dapt.score.UnseenScores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dapt evaluate --unseen} and {@code evaluate.unseen}: tasks that are never learnt. */
class UnseenFlowTest {
  @TempDir private Path folder;

  @Test
  void unseenTasksAreAnsweredKeptAndAnsweredAgainOnlyWhereSomethingChanged() throws IOException {
    TestRun run = TestRun.learnt(folder);
    Path others = others(8);
    Path unseen = folder.resolve("run/unseen/others");

    TestRun.Ended dry = run.run("evaluate", "--unseen", others.toString(), "--dry-run");
    assertThat(dry.out())
        .contains("step 2: to do, 2 tasks of " + others)
        .contains("without 1 that are learnt, 12 test examples");
    assertThat(unseen).doesNotExist();

    TestRun.Ended first = run.run("evaluate", "--unseen", others.toString());
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(first.err()).doesNotContain("unexpected");
    assertThat(first.out())
        .contains("Unseen tasks of others after 2 learnt", "ROUGE-L", "Exact match", "Mean of all")
        .containsSubsequence("8  Classification", "u1  length", "4  Other", "u2  odd")
        .contains("Mean attention weight of each block", "on u2 ", "  t2   order")
        .doesNotContain("Selection");
    assertThat(unseen.resolve("data/length/train")).doesNotExist();
    List<Row> answers = rows(unseen.resolve("predictions/step=0002/task=length"));
    assertThat(answers).hasSize(8).allMatch(row -> row.isNullAt(row.fieldIndex("selected_own")));
    assertThat(answers)
        .allSatisfy(
            row ->
                assertThat(
                        row.<Double>getList(row.fieldIndex("mixture")).stream()
                            .mapToDouble(w -> w)
                            .sum())
                    .isCloseTo(1, within(1e-5)));

    Map<String, FileTime> before = times();
    TestRun.Ended second = run.run("evaluate", "--unseen", others.toString());
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(times()).isEqualTo(before);
    assertThat(run.run("evaluate", "--unseen", others.toString(), "--dry-run").out())
        .contains("step 2: done, 2 tasks");

    // Other categories are not worth an answer.
    Path sent = folder.resolve("sent.jsonl");
    TestRun filed =
        run.with(
            "evaluate.unseen=" + others,
            "evaluate.categories.odd=Curiosa",
            "metrics.json-lines=" + sent);
    TestRun.Ended third = filed.run("evaluate", "--unseen");
    assertThat(third.out()).contains("4  Curiosa").doesNotContain("Other");
    assertThat(Files.readString(sent))
        .contains("\"unseen/others/exact-match\"", "\"unseen/others/Curiosa/rouge-l\"");
    assertThat(times())
        .containsEntry(
            "predictions/step=0002/task=odd", before.get("predictions/step=0002/task=odd"))
        .isNotEqualTo(before);

    assertThat(TestRun.execute("inspect", folder.resolve("run").toString()).out())
        .contains("others: step=0002");
    assertThat(TestRun.execute("inspect", unseen.resolve("data/length").toString()).out())
        .contains("as written", "test")
        .doesNotContain("train", "unfinished");

    // The report and whoever compares runs find them.
    JsonNode report = json(run.run("report", "--format", "json").out()).at("/unseen/0");
    assertThat(report.at("/categories").findValuesAsText("category"))
        .containsExactly("Classification", "Curiosa");
    assertThat(run.run("report").out()).contains("Unseen tasks of others after 2 learnt");
    UnseenScores stored = stored();
    assertThat(stored.step()).isEqualTo(2);
    assertThat(stored.tasks()).containsExactly("length", "odd");
    assertThat(stored.meanAttention().get("odd")).hasSize(2);
    assertThat(stored.mean(List.of("length"), ScoreRow.ROUGE_L).getAsDouble())
        .isCloseTo(
            100
                * answers.stream()
                    .mapToDouble(row -> row.getDouble(row.fieldIndex("rouge_l")))
                    .average()
                    .orElseThrow(),
            within(1e-9));
    assertThat(report.at("/mean/rouge-l").asDouble())
        .isEqualTo(stored.mean(stored.tasks(), ScoreRow.ROUGE_L).getAsDouble());
    run.run("report", "--html", folder.resolve("page.html").toString());
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("id=\"table-unseen-1\"", "id=\"table-unseen-attention-1\"", "Curiosa");

    // Other data are, and what was there of a task that is gone goes.
    others(6);
    Files.delete(others.resolve("odd/test.json"));
    TestRun.Ended changed = run.run("evaluate", "--unseen", others.toString());
    assertThat(changed.out()).contains("6  Classification").doesNotContain("odd");
    assertThat(unseen.resolve("predictions/step=0002/task=odd")).doesNotExist();

    // So is another step.
    TestRun.Ended early =
        run.run("evaluate", "--unseen", others.toString(), "--step", "1", "--format", "json");
    assertThat(early.code()).as(early.err()).isZero();
    assertThat(json(early.out()).get("learnt"))
        .extracting(JsonNode::asText)
        .containsExactly("colour");
  }

  @Test
  void aRunEvaluatesThemBehindItsLastTaskAndZeroShotDoesSo() throws IOException {
    Path others = others(8);
    TestRun run =
        TestRun.in(
            folder,
            List.of("order"),
            "method.name = zero-shot",
            "tasks.max-test = 5",
            "evaluate { unseen = others, categories { colour = Classification } }");
    // 5 of its own task, and 14 of the others.
    assertThat(run.run("run", "--dry-run").out())
        .contains("unseen", "step 1: to do, 3 tasks of " + others)
        .containsPattern("answers .*, for 19 inputs");
    TestRun.Ended ended = run.run("run");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out())
        .contains("after order", "Unseen tasks of others after 1 learnt", "10  Classification")
        .doesNotContain("Mean attention");
    Map<String, FileTime> before = times();
    assertThat(run.run("run").out()).isEqualTo(ended.out());
    assertThat(times()).isEqualTo(before);
    assertThat(stored().meanAttention()).isEmpty();
  }

  @Test
  void whatCannotBeEvaluatedIsSaidBeforeAnythingIsComputed() throws IOException {
    Path others = others(8);
    TestRun run = TestRun.learnt(folder);
    fails(run.run("evaluate", "--unseen"), 2, "evaluate.unseen is not set");
    fails(run.run("evaluate", "--unseen", "none"), 3, "none does not exist");
    fails(
        run.run("evaluate", "--unseen", folder.resolve("tasks").toString(), "--step", "3"),
        2,
        "There is no step 3");
    fails(
        run.with("evaluate.categories.lenght=x").run("evaluate", "--unseen", others.toString()),
        2,
        "evaluate.categories names lenght, which is no task of");
    Files.delete(others.resolve("length/test.json"));
    Files.delete(others.resolve("odd/test.json"));
    fails(
        run.run("evaluate", "--unseen", others.toString()),
        2,
        "whose tasks are all learnt (colour)");
    others(8);
    String told = "method single-task answers only inputs whose task it has learnt and is told";
    TestRun single =
        run.with(
            "method.name=single-task",
            "run.dir=" + folder.resolve("other"),
            "evaluate.unseen=" + others);
    fails(single.run("run"), 2, told);
    fails(single.run("run", "--dry-run"), 2, told);
    Path broken = others.resolve("odd/test.json");
    Files.writeString(broken, "{\"Definition\": [\"x\"], \"Instances\": [{\"input\": 1");
    fails(run.run("evaluate", "--unseen", others.toString()), 3, "odd/test.json");
  }

  /** A learnt task, one with a category and one without, each with nothing but a test file. */
  private Path others(int tests) throws IOException {
    Path others = folder.resolve("others");
    for (String task : List.of("colour", "length")) {
      TaskFiles.write(folder.resolve("made"), task, 4 * tests);
      Path test = Files.createDirectories(others.resolve(task)).resolve("test.json");
      Files.writeString(
          test,
          Files.readString(folder.resolve("made").resolve(task).resolve("test.json"))
              .replaceFirst("\\{", "{\"Categories\": [\"Classification\"], "));
    }
    Files.writeString(
        Files.createDirectories(others.resolve("odd")).resolve("test.json"),
        """
        {"Definition": ["Odd or even?"], "Instances": [
          {"input": "1", "output": "odd"}, {"input": "2", "output": "even"},
          {"input": "3", "output": "odd"}, {"input": "4", "output": "even"}]}
        """);
    return others;
  }

  private UnseenScores stored() {
    SparkSession spark = TestSpark.session();
    RunDirectory run =
        RunDirectory.open(
            new Configuration(), new org.apache.hadoop.fs.Path(folder.resolve("run").toUri()));
    assertThat(UnseenScores.ofRun(spark, run)).hasSize(1);
    return UnseenScores.ofRun(spark, run).get(0);
  }

  private static List<Row> rows(Path table) {
    return TestSpark.session().read().parquet(table.toString()).collectAsList();
  }

  private static JsonNode json(String text) throws IOException {
    return JsonMapper.builder().build().readTree(text);
  }

  /** When each file of the unseen tasks was written. */
  private Map<String, FileTime> times() throws IOException {
    Path unseen = folder.resolve("run/unseen/others");
    Map<String, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(unseen)) {
      for (Path file : files.filter(path -> !path.equals(unseen)).toList()) {
        times.put(unseen.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }

  private static void fails(TestRun.Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says).doesNotContain("\tat ", "unexpected failure");
    assertThat(ended.code()).isEqualTo(code);
  }
}
