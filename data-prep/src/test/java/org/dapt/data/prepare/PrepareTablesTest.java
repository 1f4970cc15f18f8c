package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.data.TaskFolders.write;
import static org.dapt.data.TaskFolders.writeGzip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SparkSession;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.tokenizer.TextTokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks whose instances are rows are prepared. */
class PrepareTablesTest {
  private static SparkSession spark;
  private static TextTokenizer tokenizer;

  @TempDir private Path root;

  private Path model;

  @BeforeAll
  static void start() {
    spark = TestSpark.start(2);
    tokenizer = TextTokenizer.load(TestSpark.modelFolder());
  }

  @AfterAll
  static void stop() {
    tokenizer.close();
    spark.stop();
  }

  @Test
  void oneFileOfAllTasksIsDividedByTaskAndHeldOut() throws IOException {
    var rows = new ArrayList<String>();
    for (var i = 0; i < 40; i++) {
      rows.add(row("number " + i, i % 2 == 0 ? "even" : "odd", "parity"));
      rows.add(row("word " + i, "w" + i % 3, "words"));
    }
    var file = write(root.resolve("all.jsonl"), String.join("\n", rows));
    var manifest = run(file, "parity", recipe("jsonl", Map.of(), BadRows.FAIL));
    assertThat(manifest.testHoldOut()).isEqualTo(new HoldOutNote(HoldOutNote.NO_TEST, 40, 8));
    assertThat(manifest.holdOut()).isEqualTo(new HoldOutNote(HoldOutNote.NO_DEV, 32, 6));
    assertThat(manifest.fields())
        .isEqualTo(Map.of("input", "text", "output", "label", "task", "task"));
    assertThat(manifest.inputs())
        .extracting(TaskManifest.Input::file, TaskManifest.Input::instances)
        .containsExactly(org.assertj.core.groups.Tuple.tuple("all.jsonl", 40L));
    var prepared = prepared("parity");
    var all = new HashSet<String>();
    for (var split : Split.values()) {
      all.addAll(prepared.inputs(split));
    }
    assertThat(all)
        .isEqualTo(IntStream.range(0, 40).mapToObj(i -> "number " + i).collect(Collectors.toSet()));
    assertThat(prepared.rows(Split.TRAIN)).hasSize(26);
    assertThat(prepared.task().manifest()).isEqualTo(manifest);
    var first = prepared.digests();
    assertThat(run(file, "parity", recipe("jsonl", Map.of(), BadRows.FAIL))).isEqualTo(manifest);
    assertThat(prepared.digests()).isEqualTo(first);
    assertThatThrownBy(() -> run(file, "party", recipe("jsonl", Map.of(), BadRows.FAIL)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has no row whose task is party; there are parity, words");
  }

  @Test
  void aTaskWithoutRowsOfASplitIsNamedWithIt() throws IOException {
    var file =
        write(
            root.resolve("splits.jsonl"),
            """
            {"input": "one", "output": "1", "task": "words", "split": "train"}
            {"input": "two", "output": "2", "task": "words", "split": "test"}
            {"input": "three", "output": "3", "task": "parity", "split": "test"}
            """);
    assertThatThrownBy(() -> run(file, "parity", recipe("jsonl", Map.of(), BadRows.FAIL)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no row of task parity of the split train");
  }

  @Test
  void aColumnMayNameTheSplits() throws IOException {
    var lines =
        IntStream.range(0, 30)
            .mapToObj(
                i ->
                    "text %d,%s,%s".formatted(i, i % 3, i < 20 ? "train" : i < 25 ? "test" : "val"))
            .collect(Collectors.joining("\n", "text,label,split\n", "\n"));
    writeGzip(root.resolve("numbers.csv.gz"), lines);
    var manifest = run(root, "numbers", recipe("csv", Map.of(), BadRows.FAIL));
    assertThat(manifest.holdOut()).isNull();
    assertThat(manifest.testHoldOut()).isNull();
    assertThat(prepared("numbers").inputs(Split.DEV))
        .containsExactly("text 25", "text 26", "text 27", "text 28", "text 29");
    assertThat(prepared("numbers").rows(Split.TRAIN).get(3).id()).isEqualTo("train-3");
  }

  @Test
  void filesOfASplitAreReadOneBehindTheOther() throws IOException {
    write(root.resolve("t/train-00000-of-00002.jsonl"), rows(0, 10));
    write(root.resolve("t/train-00001-of-00002.jsonl"), rows(10, 20));
    write(root.resolve("t/validation.jsonl"), rows(20, 24));
    write(root.resolve("t/test.jsonl"), rows(24, 30));
    var manifest = run(root, "t", recipe("jsonl", Map.of(), BadRows.FAIL));
    assertThat(manifest.inputs())
        .extracting(TaskManifest.Input::split, TaskManifest.Input::file)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("train", "train-00000-of-00002.jsonl"),
            org.assertj.core.groups.Tuple.tuple("train", "train-00001-of-00002.jsonl"),
            org.assertj.core.groups.Tuple.tuple("dev", "validation.jsonl"),
            org.assertj.core.groups.Tuple.tuple("test", "test.jsonl"));
    assertThat(prepared("t").inputs(Split.TRAIN))
        .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "text " + i).toList());
    assertThat(prepared("t").rows(Split.TRAIN).get(13).id()).isEqualTo("train-13");
  }

  @Test
  void badRowsEndThePreparationOrAreLeftOutAndCounted() throws IOException {
    var text = rows(0, 12) + "{\"text\": \"no label\"}\n" + rows(12, 30) + "not JSON\n";
    write(root.resolve("t.jsonl"), text);
    assertThatThrownBy(() -> run(root, "t", recipe("jsonl", Map.of(), BadRows.FAIL)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("t.jsonl has 2 bad rows beside 30 good: line 13: it has no label; ")
        .hasMessageContaining("line 32: it is not a JSON object")
        .hasMessageContaining("or set tasks.bad-rows = skip");
    var manifest = run(root, "t", recipe("jsonl", Map.of(), BadRows.SKIP));
    assertThat(manifest.inputs().get(0).badRows()).isEqualTo(2);
    assertThat(manifest.inputs().get(0).instances()).isEqualTo(30);
    assertThat(Files.readString(root.resolve("data/t/manifest.json")))
        .contains("\"bad_rows\" : \"skip\"", "\"bad_rows\" : 2");
    write(root.resolve("t.jsonl"), text + "{}\n{}\n");
    assertThatThrownBy(() -> run(root, "t", recipe("jsonl", Map.of(), BadRows.SKIP)))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 4 bad rows beside 30 good")
        .hasMessageContaining("leaves a tenth of the rows out at most");
  }

  @Test
  void placesThatHoldNoTaskAreNamed() throws IOException {
    write(root.resolve("one.jsonl"), rows(0, 9));
    write(root.resolve("empty/readme.txt"), "x");
    write(root.resolve("half/test.jsonl"), rows(0, 9));
    write(root.resolve("twice.jsonl"), rows(0, 9));
    write(root.resolve("twice.json"), rows(0, 9));
    var recipe = recipe("jsonl", Map.of(), BadRows.FAIL);
    assertThatThrownBy(() -> run(root, "two", recipe))
        .hasMessageContaining("There is no task two below")
        .hasMessageContaining("one.jsonl");
    assertThatThrownBy(() -> run(root, "empty", recipe))
        .hasMessageContaining("empty has no training split")
        .hasMessageContaining("readme.txt");
    assertThatThrownBy(() -> run(root, "half", recipe))
        .hasMessageContaining("half has no training split");
    assertThatThrownBy(() -> run(root, "twice", recipe)).hasMessageContaining("expected one of");
    assertThatThrownBy(() -> run(root.resolve("one.jsonl"), "other", recipe))
        .hasMessageContaining("has no field that says which rows are those of task other")
        .hasMessageContaining("tasks.fields.task");
    assertThatThrownBy(() -> run(root.resolve("none"), "t", recipe))
        .hasMessageContaining("does not exist");
    assertThatThrownBy(() -> run(root, "../t", recipe)).isInstanceOf(ConfigException.class);
    // A file without a field of the task is the one task that it is called for.
    assertThat(run(root.resolve("one.jsonl"), "one", recipe).inputs()).hasSize(1);
  }

  @Test
  void aChatIsWrittenByTheTemplateOfTheModel() throws IOException {
    chatModel(
        "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif %}"
            + "<extra_id_0>{{ m.role }}: {{ m.content }}</s>{% endfor %}"
            + "{% if add_generation_prompt %}<extra_id_0>assistant:{% endif %}");
    var lines = new ArrayList<String>();
    for (var i = 0; i < 20; i++) {
      lines.add(
          "{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"},"
              + " {\"role\": \"user\", \"content\": \"number %d\"}, {\"role\": \"assistant\", \"content\": \"yes\"}]}"
                  .formatted(i));
    }
    write(root.resolve("t.jsonl"), String.join("\n", lines));
    var recipe = chatRecipe("chat", BadRows.FAIL);
    var manifest = run(root, "t", recipe);
    assertThat(manifest.chatTemplateSha256()).hasSize(64);
    var row = prepared("t").rows(Split.TRAIN).get(0);
    assertThat(row.instruction()).isEqualTo("Be brief.");
    assertThat(row.input()).startsWith("number ");
    var text =
        "<extra_id_0>system: Be brief.</s><extra_id_0>user: %s</s><extra_id_0>assistant:"
            .formatted(row.input());
    // The special tokens of the text are what the model knows, and only its end is put behind it.
    assertThat(row.sourceIds()).isEqualTo(tokenizer.encodeWritten(text, 512).ids());
    assertThat(row.sourceIds()).startsWith(32099).endsWith(1);
    assertThat(row.targetIds()).endsWith(1);

    write(
        root.resolve("t.jsonl"),
        String.join("\n", lines) + "\n" + lines.get(0).replace("\"system\"", "\"tool\"") + "\n");
    assertThatThrownBy(() -> run(root, "t", recipe))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("t.jsonl has 1 bad row beside 20 good: line 21: ")
        .hasMessageContaining("refuses the conversation: no tools");
    assertThat(run(root, "t", chatRecipe("chat", BadRows.SKIP)).inputs().get(0).badRows())
        .isEqualTo(1);
    chatModel("{% for m in messages %}{{ m.content }}{% endfor %}");
    assertThat(run(root, "t", chatRecipe("chat", BadRows.SKIP)).chatTemplateSha256())
        .isNotEqualTo(manifest.chatTemplateSha256());
  }

  @Test
  void rowsAreOneMessageOfTheUserInAChat() throws IOException {
    chatModel("{% for m in messages %}[{{ m.role }}] {{ m.content }}{% endfor %}");
    var rows =
        IntStream.range(0, 10)
            .mapToObj(
                i ->
                    "{\"instruction\": \"Do.\", \"input\": \"%d\", \"output\": \"x\"}".formatted(i))
            .collect(Collectors.joining(","));
    write(root.resolve("t.json"), "[" + rows + "]");
    run(root, "t", chatRecipe("alpaca", BadRows.FAIL));
    var row = prepared("t").rows(Split.TEST).get(0);
    assertThat(row.sourceIds())
        .isEqualTo(tokenizer.encodeWritten("[user] Do.\n\n" + row.input(), 512).ids());
    Files.delete(model.resolve("tokenizer_config.json"));
    assertThatThrownBy(() -> run(root, "t", chatRecipe("alpaca", BadRows.FAIL)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("has no chat template");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void parquetOfTheHubHasNamesOfLabels(boolean inFiles) throws IOException {
    HubFolder.write(root.resolve("hub"), inFiles);
    var manifest = run(root.resolve("hub"), "hub", recipe("parquet", Map.of(), BadRows.FAIL));
    assertThat(manifest.fields()).isEqualTo(Map.of("input", "text", "output", "label", "id", "id"));
    assertThat(prepared("hub").rows(Split.TEST))
        .extracting(TokenisedExample::input, TokenisedExample::references)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("text 20", List.of("World")),
            org.assertj.core.groups.Tuple.tuple("text 21", List.of("Sports")));
    // Larger than a signed number of 64 bits.
    assertThat(prepared("hub").rows(Split.TEST).get(0).id()).isEqualTo("18446744073709551615");
    assertThat(manifest.inputs())
        .extracting(TaskManifest.Input::split)
        .containsExactly("train", "train", "dev", "test");
  }

  /** The head of a card says the names of each configuration. */
  @Test
  void labelsAreThoseOfTheConfigurationThatAFolderIsCalledFor() throws IOException {
    HubFolder.write(root.resolve("hub"), false);
    var feature =
        """
          features:
          - name: label
            dtype:
              class_label:
                names:
                  '0': %s
                  '1': %s
        """;
    var card =
        "---\ndataset_info:\n- config_name: hub\n"
            + feature.formatted("no", "yes")
            + "- config_name: other\n"
            + feature.formatted("bad", "good")
            + "configs:\n- config_name: hub\n  data_files: x\n---\n";
    write(root.resolve("hub/README.md"), card);
    run(root.resolve("hub"), "hub", recipe("parquet", Map.of(), BadRows.FAIL));
    assertThat(prepared("hub").rows(Split.TEST))
        .extracting(TokenisedExample::references)
        .containsExactly(List.of("no"), List.of("yes"));

    Files.move(root.resolve("hub"), root.resolve("hub2"));
    run(root.resolve("hub2"), "hub2", recipe("parquet", Map.of(), BadRows.FAIL));
    assertThat(prepared("hub2").rows(Split.TEST))
        .extracting(TokenisedExample::references)
        .containsExactly(List.of("0"), List.of("1"));

    Files.move(root.resolve("hub2"), root.resolve("hub3"));
    write(root.resolve("hub3/README.md"), card.replace("bad", "no").replace("good", "yes"));
    run(root.resolve("hub3"), "hub3", recipe("parquet", Map.of(), BadRows.FAIL));
    assertThat(prepared("hub3").rows(Split.TEST))
        .extracting(TokenisedExample::references)
        .containsExactly(List.of("no"), List.of("yes"));
  }

  @Test
  void aDamagedTableIsRefusedByName() throws IOException {
    HubFolder.write(root.resolve("hub"), true);
    var file = root.resolve("hub/data/train-00001-of-00002.parquet");
    var sound = Files.readAllBytes(file);
    for (var length : List.of(0, 3, 40, sound.length / 2, sound.length - 1)) {
      Files.write(file, java.util.Arrays.copyOf(sound, length));
      assertThatThrownBy(
              () -> run(root.resolve("hub"), "hub", recipe("parquet", Map.of(), BadRows.FAIL)))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("train-00001-of-00002.parquet");
    }
    Files.write(
        file,
        "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 7\n"
            .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertThatThrownBy(
            () -> run(root.resolve("hub"), "hub", recipe("parquet", Map.of(), BadRows.FAIL)))
        .hasMessageContaining("Git LFS");
  }

  private void chatModel(String template) throws IOException {
    model = Files.createDirectories(root.resolve("model"));
    for (var file : List.of("tokenizer.json", "config.json")) {
      if (!Files.exists(model.resolve(file))) {
        Files.copy(TestSpark.modelFolder().resolve(file), model.resolve(file));
      }
    }
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        "{\"chat_template\": \"" + template.replace("\"", "\\\"") + "\"}");
  }

  private static String rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> "{\"text\": \"text %d\", \"label\": \"%d\"}\n".formatted(i, i % 3))
        .collect(Collectors.joining());
  }

  private static String row(String text, String label, String task) {
    return "{\"text\": \"%s\", \"label\": \"%s\", \"task\": \"%s\"}".formatted(text, label, task);
  }

  private static Recipe recipe(String format, Map<String, String> fields, BadRows badRows) {
    return new Recipe(
        format, "{input}", 64, 8, 2, 0.2, 42, true, 0, 0, 0, new TreeMap<>(fields), badRows);
  }

  private static Recipe chatRecipe(String format, BadRows badRows) {
    return new Recipe(format, "chat", 512, 8, 2, 0.2, 42, true, 0, 0, 0, new TreeMap<>(), badRows);
  }

  private TaskManifest run(Path data, String task, Recipe recipe) throws IOException {
    var folder = model == null ? TestSpark.modelFolder() : model;
    return new PrepareTask(spark, new PrepareSettings(data.toString(), folder.toString(), recipe))
        .run(task, new org.apache.hadoop.fs.Path(root.resolve("data").resolve(task).toUri()));
  }

  private Prepared prepared(String task) {
    return new Prepared(root.resolve("data").resolve(task));
  }
}
