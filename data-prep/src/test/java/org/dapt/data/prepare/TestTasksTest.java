package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.data.TaskFolders.input;
import static org.dapt.data.TaskFolders.json;
import static org.dapt.data.TaskFolders.write;
import static org.dapt.data.TaskFolders.writeGzip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.DrawnFrom;
import org.dapt.error.InputException;
import org.dapt.metric.AnswerMetric;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tasks that are tested only: found, read and prepared without anything to train on. */
class TestTasksTest {
  private static SparkSession spark;

  @TempDir private Path root;

  @BeforeAll
  static void start() {
    spark = TestSpark.start(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @Test
  void foldersWithATestFileAreFoundWithTheirCategories() throws IOException {
    writeGzip(root.resolve("b/test.json.gz"), stated(json(0, 3), "[\" Summarization \", \"x\"]"));
    write(root.resolve("a/test.json"), stated(json(0, 3), "\"Dialogue\""));
    write(root.resolve("c/test.json"), json(0, 3));
    write(root.resolve("d/test.json"), stated(json(0, 3), "[]"));
    write(root.resolve("learnt/train.json"), json(0, 3));
    write(root.resolve("_hidden/test.json"), json(0, 3));
    write(root.resolve("README.md"), "x");
    assertThat(find(recipe("super-ni", 0)))
        .containsExactly(
            Map.entry("a", "Dialogue"),
            Map.entry("b", "Summarization"),
            Map.entry("c", ""),
            Map.entry("d", ""));
  }

  @Test
  void placesWithoutSuchTasksAreNamed() throws IOException {
    write(root.resolve("learnt/train.json"), json(0, 3));
    assertThatThrownBy(() -> find(recipe("super-ni", 0)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no task that can be tested")
        .hasMessageContaining("there is learnt");
    assertThatThrownBy(
            () ->
                TestTasks.find(
                    new Configuration(), root.resolve("none").toString(), recipe("super-ni", 0)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none does not exist");
    write(root.resolve("broken/test.json"), "{\"Categories\": [\"x\", ");
    assertThat(find(recipe("super-ni", 0))).containsEntry("broken", "x");
    write(root.resolve("broken/test.json"), "{\"Source\": [\"x\"");
    assertThatThrownBy(() -> find(recipe("super-ni", 0)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("broken/test.json is not well-formed JSON");
  }

  @Test
  void theTestSplitAloneIsPreparedAndKept() throws IOException {
    writeGzip(root.resolve("t/test.json.gz"), json(0, 9));
    TaskManifest manifest = run("t", recipe("super-ni", 0));
    assertThat(manifest.testOnly()).isTrue();
    assertThat(new Prepared(root.resolve("data/t")).inputs(Split.TEST))
        .isEqualTo(IntStream.range(0, 9).mapToObj(i -> input(i)).toList());
    assertThat(root.resolve("data/t/train")).doesNotExist();
    Path shard = root.resolve("data/t/test/shard-00000.parquet");
    var before = Files.getLastModifiedTime(shard);
    assertThat(run("t", recipe("super-ni", 0))).isEqualTo(manifest);
    assertThat(Files.getLastModifiedTime(shard)).isEqualTo(before);
    // What is to be learnt is prepared anew, and what is to be tested then again.
    write(root.resolve("t/train.json"), json(20, 40));
    var settings = settings(recipe("super-ni", 0));
    TaskManifest whole =
        new PrepareTask(
                spark,
                new PrepareSettings(
                    settings.root(), settings.modelFolder(), settings.recipe(), settings.metric()))
            .run("t", folder("t"));
    assertThat(whole.testOnly()).isFalse();
    assertThat(whole.split(Split.TRAIN).examples()).isEqualTo(18);
    assertThat(run("t", recipe("super-ni", 0))).isEqualTo(manifest);
    assertThat(root.resolve("data/t/train")).doesNotExist();
  }

  @Test
  void maxTestDrawsTheExamplesThatATaskWithTrainingExamplesHas() throws IOException {
    write(root.resolve("t/test.json"), json(0, 50));
    write(root.resolve("t/train.json"), json(60, 80));
    TaskManifest manifest = run("t", recipe("super-ni", 7));
    assertThat(manifest.split(Split.TEST).examples()).isEqualTo(7);
    assertThat(manifest.drawnFrom()).isEqualTo(new DrawnFrom(0, 0, 50));
    var drawn = new Prepared(root.resolve("data/t")).inputs(Split.TEST);
    var settings = settings(recipe("super-ni", 7));
    new PrepareTask(
            spark,
            new PrepareSettings(
                settings.root(), settings.modelFolder(), settings.recipe(), settings.metric()))
        .run("t", folder("t"));
    assertThat(new Prepared(root.resolve("data/t")).inputs(Split.TEST)).isEqualTo(drawn);
  }

  @Test
  void rowsWithoutASplitAreAllTested() throws IOException {
    write(root.resolve("one.jsonl"), rows("", 6));
    write(root.resolve("two/test.jsonl"), rows("", 4));
    write(root.resolve("three/train.jsonl"), rows("", 4));
    write(root.resolve("three/test.jsonl"), rows("", 3));
    Recipe recipe = recipe("jsonl", 0);
    assertThat(find(recipe)).containsOnlyKeys("one", "three", "two");
    assertThat(run("one", recipe).split(Split.TEST).examples()).isEqualTo(6);
    assertThat(run("two", recipe).split(Split.TEST).examples()).isEqualTo(4);
    assertThat(run("three", recipe).split(Split.TEST).examples()).isEqualTo(3);
    write(root.resolve("half/train.jsonl"), rows("", 4));
    assertThatThrownBy(() -> run("half", recipe))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("half has no test split");
  }

  @Test
  void tasksOfOneFileAreThoseThatItsRowsName() throws IOException {
    Path file =
        write(
            root.resolve("all.jsonl"),
            rows(", \"task\": \"x\", \"split\": \"test\"", 4)
                + rows(", \"task\": \"y\", \"split\": \"test\"", 3)
                + rows(", \"task\": \"y\", \"split\": \"train\"", 2));
    Recipe recipe = recipe("jsonl", 0);
    assertThat(TestTasks.find(new Configuration(), file.toString(), recipe))
        .containsOnlyKeys("x", "y");
    var job =
        new PrepareTask(
            spark,
            new PrepareSettings(
                file.toString(),
                TestSpark.modelFolder().toString(),
                recipe,
                AnswerMetric.ROUGE_L,
                /* testOnly= */ true));
    assertThat(job.run("y", folder("y")).split(Split.TEST).examples()).isEqualTo(3);
  }

  private static String stated(String json, String categories) {
    return json.replaceFirst("\\{", "{\"Categories\": %s, ".formatted(categories));
  }

  private static String rows(String more, int count) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append("{\"input\": \"text %d\", \"output\": \"even\"%s}\n".formatted(i, more));
    }
    return text.toString();
  }

  private SortedMap<String, String> find(Recipe recipe) throws IOException {
    return TestTasks.find(new Configuration(), root.toString(), recipe);
  }

  private static Recipe recipe(String format, int maxTest) {
    return new Recipe(
        format,
        "super-ni",
        512,
        50,
        4,
        0.1,
        42,
        true,
        0,
        0,
        maxTest,
        new TreeMap<>(Collections.emptySortedMap()),
        BadRows.FAIL);
  }

  private PrepareSettings settings(Recipe recipe) {
    return new PrepareSettings(
        root.toString(),
        TestSpark.modelFolder().toString(),
        recipe,
        AnswerMetric.ROUGE_L,
        /* testOnly= */ true);
  }

  private TaskManifest run(String task, Recipe recipe) throws IOException {
    return new PrepareTask(spark, settings(recipe)).run(task, folder(task));
  }

  private org.apache.hadoop.fs.Path folder(String task) {
    return new org.apache.hadoop.fs.Path(root.resolve("data").resolve(task).toUri());
  }
}
