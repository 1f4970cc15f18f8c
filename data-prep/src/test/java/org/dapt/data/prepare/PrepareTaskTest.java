package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.data.TaskFolders.DEFINITION;
import static org.dapt.data.TaskFolders.input;
import static org.dapt.data.TaskFolders.json;
import static org.dapt.data.TaskFolders.write;
import static org.dapt.data.TaskFolders.writeGzip;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.dapt.data.reader.PromptTemplate;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.data.shard.TaskManifest.DrawnFrom;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.tokenizer.TextTokenizer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareTaskTest {
  private static final Recipe RECIPE =
      new Recipe("super-ni", "super-ni", 512, 50, 4, 0.2, 42, true);

  private static SparkSession spark;
  private static TextTokenizer tokenizer;

  @TempDir private Path root;

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
  void rowsAreSpreadByTheirIndexAndTokenisedByTheTemplate() throws IOException {
    task("t", 0, 21, 21, 31, 31, 40);
    var prepared = prepare("t", RECIPE);
    for (var split : Split.values()) {
      var shards = prepared.shards(split);
      for (var shard = 0; shard < 4; shard++) {
        var number = shard;
        assertThat(shards.get(shard).stream().map(TokenisedExample::index))
            .isNotEmpty()
            .isSorted()
            .allMatch(index -> index % 4 == number);
      }
    }
    assertThat(prepared.inputs(Split.TRAIN)).isEqualTo(inputs(0, 21));
    assertThat(prepared.inputs(Split.DEV)).isEqualTo(inputs(21, 31));
    assertThat(prepared.inputs(Split.TEST)).isEqualTo(inputs(31, 40));
    assertThat(prepared.rows(Split.TEST).get(1))
        .isEqualTo(
            new TokenisedExample(
                1,
                "n-32",
                input(32),
                List.of("even", "even number"),
                tokenizer
                    .encode(
                        "Definition: %s\n\nNow complete the following example -\nInput: %s\nOutput: "
                            .formatted(DEFINITION, input(32)),
                        512)
                    .ids(),
                tokenizer.encode("even", 50).ids()));
  }

  @Test
  void theManifestTellsWhatWasMadeFromWhat() throws IOException {
    task("t", 0, 21, 21, 31, 31, 40);
    var manifest = run("t", RECIPE);
    assertThat(prepared("t").task().manifest()).isEqualTo(manifest);
    assertThat(manifest.task()).isEqualTo("t");
    assertThat(manifest.definition()).isEqualTo(DEFINITION);
    assertThat(manifest.recipe()).isEqualTo(RECIPE);
    assertThat(manifest.tokenizerSha256()).isEqualTo(tokenizer.sha256());
    assertThat(manifest.holdOut()).isNull();
    assertThat(
            manifest.inputs().stream().map(i -> i.split() + " " + i.file() + " " + i.instances()))
        .containsExactly("train train.json 21", "dev dev.json 10", "test test.json 9");
    assertThat(manifest.split(Split.TEST).references()).isEqualTo(18);
    assertThat(manifest.split(Split.TRAIN).shards().stream().map(TaskManifest.Shard::rows))
        .containsExactly(6L, 5L, 5L, 5L);
  }

  @Test
  void cutsAreCountedAndKeepTheEndToken() throws IOException {
    // "The number is 7." to "The number is 1000000.": some sources are one token too long.
    task("t", 99_990, 100_010, 0, 5, 5, 9);
    var lengths =
        IntStream.range(99_990, 100_010)
            .map(
                i ->
                    tokenizer
                        .encode(PromptTemplate.of("super-ni").render(DEFINITION, input(i)), 512)
                        .fullLength())
            .toArray();
    var limit = IntStream.of(lengths).min().orElseThrow();
    var cut = IntStream.of(lengths).filter(length -> length > limit).count();
    assertThat(cut).isBetween(1L, 19L);
    var prepared = prepare("t", new Recipe("super-ni", "super-ni", limit, 1, 4, 0.2, 42, true));
    var train = prepared.task().manifest().split(Split.TRAIN);
    assertThat(train.truncatedSources()).isEqualTo(cut);
    assertThat(train.truncatedTargets()).isEqualTo(20);
    assertThat(train.sourceTokens().max()).isEqualTo(limit);
    assertThat(train.targetTokens().max()).isEqualTo(1);
    var end = tokenizer.encode("", 1).ids()[0];
    assertThat(prepared.rows(Split.TRAIN))
        .allSatisfy(
            row -> {
              assertThat(row.sourceIds()[row.sourceIds().length - 1]).isEqualTo(end);
              assertThat(row.targetIds()).containsExactly(end);
            });
  }

  @Test
  void anInstructionOfAnInstanceTakesThePlaceOfTheDefinition() throws IOException {
    var instances =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    "{\"instruction\": \"Is %d odd?\", \"input\": \"\", \"output\": \"%s\"}"
                        .formatted(i, i % 2 == 0 ? "no" : "yes"))
            .toList();
    write(root.resolve("alpaca/train.json"), instances.subList(0, 10).toString());
    write(root.resolve("alpaca/test.json"), instances.subList(10, 12).toString());
    var prepared =
        prepare("alpaca", new Recipe("long-sequence", "long-sequence", 64, 8, 2, 0.2, 1, true));
    var row = prepared.rows(Split.TEST).get(1);
    assertThat(row.instruction()).isEqualTo("Is 11 odd?");
    assertThat(row.input()).isEmpty();
    assertThat(row.sourceIds()).isEqualTo(tokenizer.encode("Is 11 odd?\n\nOutput: ", 64).ids());
    var manifest = prepared.task().manifest();
    assertThat(manifest.split(Split.TRAIN).instructed()).isEqualTo(8);
    assertThat(manifest.split(Split.TEST).blankInputs()).isEqualTo(2);
  }

  @Test
  void textsWithoutTokensAndOutputsThatBecomeEqualAreCounted() throws IOException {
    var outputs = List.of("偶数", "奇数", "yes", "  yes ");
    var instances =
        IntStream.range(0, 12)
            .mapToObj(
                i ->
                    "{\"input\": \"%s %d\", \"output\": \"%s\"}"
                        .formatted(i % 4 < 2 ? "数字" : "number", i, outputs.get(i % 4)))
            .toList();
    write(root.resolve("zh/train.json"), instances.subList(0, 8).toString());
    write(root.resolve("zh/dev.json"), instances.subList(2, 4).toString());
    write(root.resolve("zh/test.json"), instances.subList(8, 12).toString());
    var manifest = run("zh", new Recipe("long-sequence", "{input}", 64, 8, 2, 0.2, 1, true));
    var train = manifest.split(Split.TRAIN);
    assertThat(train.unknownSources()).isEqualTo(4);
    assertThat(train.unknownTargets()).isEqualTo(4);
    // The two labels are one token, the unknown; white space alone makes no other text.
    assertThat(train.equalTargets()).isEqualTo(1);
    assertThat(manifest.split(Split.DEV).unknownTargets()).isZero();
    assertThat(manifest.split(Split.DEV).equalTargets()).isZero();
  }

  @Test
  void aDevFileEqualToTestIsReplacedByPartOfTrain() throws IOException {
    task("same", 0, 50, 50, 60, 50, 60);
    // The same instances in other JSON are found out as well.
    write(root.resolve("same/dev.json"), json(50, 60).replace("\n", "\n  "));
    var manifest = run("same", RECIPE);
    assertThat(manifest.holdOut()).isEqualTo(new HoldOutNote(HoldOutNote.DEV_IS_TEST, 50, 10));
    var prepared = prepared("same");
    var dev = prepared.inputs(Split.DEV);
    assertThat(dev).hasSize(10).isSubsetOf(inputs(0, 50));
    assertThat(prepared.inputs(Split.TRAIN))
        .containsExactlyElementsOf(
            inputs(0, 50).stream().filter(input -> !dev.contains(input)).toList());
    assertThat(prepared.inputs(Split.TEST)).isEqualTo(inputs(50, 60));
  }

  @Test
  void theSplitSeedDecidesWhatIsHeldOut() throws IOException {
    write(root.resolve("t/train.json"), json(0, 50));
    write(root.resolve("t/test.json"), json(50, 60));
    var dev = prepare("t", RECIPE).inputs(Split.DEV);
    assertThat(prepared("t").task().manifest().holdOut())
        .isEqualTo(new HoldOutNote(HoldOutNote.NO_DEV, 50, 10));
    var other = new Recipe("super-ni", "super-ni", 512, 50, 4, 0.2, 43, true);
    assertThat(prepare("t", other).inputs(Split.DEV)).isNotEqualTo(dev).hasSameSizeAs(dev);
    // Another number of shards or other lengths hold out the same instances.
    var spread = new Recipe("super-ni", "long-sequence", 20, 3, 3, 0.2, 42, true);
    assertThat(prepare("t", spread).inputs(Split.DEV)).isEqualTo(dev);
  }

  @Test
  void aSplitHasAtMostSoManyExamplesInTheirOrder() throws IOException {
    write(root.resolve("t/train.json"), json(0, 50));
    write(root.resolve("t/test.json"), json(50, 80));
    var whole = prepare("t", RECIPE);
    assertThat(whole.task().manifest().drawnFrom()).isNull();
    var train = whole.inputs(Split.TRAIN);
    var dev = whole.inputs(Split.DEV);
    var cut = prepare("t", most(42, 12, 0, 7));
    assertThat(cut.task().manifest().drawnFrom()).isEqualTo(new DrawnFrom(40, 10, 30));
    // The hold-out comes before: dev is the same.
    assertThat(cut.inputs(Split.DEV)).isEqualTo(dev);
    var taken = cut.inputs(Split.TRAIN);
    assertThat(taken)
        .hasSize(12)
        .containsExactlyElementsOf(train.stream().filter(taken::contains).toList())
        .isNotEqualTo(train.subList(0, 12));
    var tested = cut.inputs(Split.TEST);
    assertThat(tested)
        .hasSize(7)
        .containsExactlyElementsOf(inputs(50, 80).stream().filter(tested::contains).toList());
    assertThat(cut.rows(Split.TEST).stream().map(TokenisedExample::index))
        .containsExactlyInAnyOrder(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    // A bound of one split moves no other, and one that is not reached is none.
    var other = prepare("t", most(42, 39, 9, 7));
    assertThat(other.inputs(Split.TEST)).isEqualTo(tested);
    assertThat(other.inputs(Split.DEV)).hasSize(9).isSubsetOf(dev);
    assertThat(prepare("t", most(42, 40, 10, 31)).task().manifest().drawnFrom()).isNull();
    assertThat(prepare("t", most(43, 0, 0, 7)).inputs(Split.TEST)).hasSize(7).isNotEqualTo(tested);
  }

  private static Recipe most(long seed, int train, int dev, int test) {
    return new Recipe(
        "super-ni",
        "super-ni",
        512,
        50,
        4,
        0.2,
        seed,
        true,
        train,
        dev,
        test,
        new java.util.TreeMap<>(),
        org.dapt.data.reader.BadRows.FAIL);
  }

  @Test
  void compressedFilesGiveTheSameShards() throws IOException {
    task("plain", 0, 21, 21, 31, 31, 40);
    writeGzip(root.resolve("packed/train.json.gz"), json(0, 21));
    writeGzip(root.resolve("packed/dev.json.gz"), json(21, 31));
    writeGzip(root.resolve("packed/test.json.gz"), json(31, 40));
    var plain = prepare("plain", RECIPE).digests();
    var packed = prepare("packed", RECIPE).digests();
    plain.remove(TaskManifest.FILE);
    packed.remove(TaskManifest.FILE);
    assertThat(plain).hasSize(12).isEqualTo(packed);
  }

  @Test
  void aTaskWithFewerRowsThanShardsLeavesSomeEmpty() throws IOException {
    task("tiny", 0, 3, 3, 4, 4, 5);
    var prepared = prepare("tiny", RECIPE);
    assertThat(prepared.shards(Split.TRAIN).stream().map(List::size)).containsExactly(1, 1, 1, 0);
    assertThat(prepared.inputs(Split.DEV)).isEqualTo(inputs(3, 4));
    // Training finds a row in every shard all the same.
    try (var stream = prepared.task().stream(Split.TRAIN, 3, 1)) {
      assertThat(Stream.generate(stream::next).limit(3).map(TokenisedExample::index))
          .containsExactly(0L, 0L, 0L);
    }
  }

  @Test
  void instancesWithoutIdAreNamedByTheirFileAndPlace() throws IOException {
    var list =
        "[{\"input\": \"a\", \"output\": \"b\"}, {\"input\": \"\", \"output\": \"\"}, {\"id\": 7,"
            + " \"input\": \"c\", \"output\": \" \"}]";
    write(root.resolve("t/train.json"), list);
    write(root.resolve("t/test.json"), list);
    var manifest =
        run("t", new Recipe("long-sequence", "long-sequence", 512, 50, 2, 0.1, 42, true));
    assertThat(prepared("t").rows(Split.TEST).stream().map(TokenisedExample::id))
        .containsExactly("test-0", "test-1", "7");
    var ids = Stream.of(Split.TRAIN, Split.DEV).flatMap(split -> rows("t", split).stream());
    assertThat(ids.map(TokenisedExample::id)).containsExactlyInAnyOrder("train-0", "train-1", "7");
    assertThat(manifest.split(Split.TEST).blankInputs()).isEqualTo(1);
    assertThat(manifest.split(Split.TEST).blankTargets()).isEqualTo(2);
  }

  @Test
  void equalIdsStayDifferentRows() throws IOException {
    var twice =
        "{\"Definition\": \"d\", \"Instances\": [%1$s, %1$s]}"
            .formatted("{\"id\": \"x\", \"input\": \"a\", \"output\": \"b\"}");
    write(root.resolve("t/train.json"), twice);
    write(root.resolve("t/dev.json"), twice.replace("\"a\"", "\"c\""));
    write(root.resolve("t/test.json"), twice);
    assertThat(prepare("t", RECIPE).rows(Split.TRAIN).stream().map(row -> row.index() + row.id()))
        .containsExactly("0x", "1x");
  }

  @Test
  void unusualCharactersSurvive() throws IOException {
    var text = "Grüße \\u4f60 \\ud83d\\ude00 \\u0000 \\ud800 \\\" \\n\\t\u2028";
    var file =
        "[{\"input\": \"%s\", \"output\": \"%1$s\"}, {\"input\": \"b\", \"output\": \"c\"}]"
            .formatted(text);
    write(root.resolve("t/train.json"), file);
    write(root.resolve("t/test.json"), file);
    prepare("t", new Recipe("long-sequence", "{input}", 512, 50, 1, 0.1, 42, true));
    // Half of a pair is no character: no file of UTF-8 can hold it.
    var expected = "Grüße \u4f60 \ud83d\ude00 \u0000 \ufffd \" \n\t\u2028";
    var row = prepared("t").rows(Split.TEST).get(0);
    assertThat(row.input()).isEqualTo(expected);
    assertThat(row.references()).containsExactly(expected);
    assertThat(row.sourceIds()).isEqualTo(tokenizer.encode(expected, 512).ids());
  }

  @Test
  void everythingMayLieOnAnotherFileSystem() throws IOException {
    task("t", 0, 21, 21, 31, 31, 40);
    var local = prepare("t", RECIPE).digests();
    var settings = new PrepareSettings("other:" + root, "other:" + TestSpark.modelFolder(), RECIPE);
    new PrepareTask(spark, settings)
        .run("t", new org.apache.hadoop.fs.Path("other:" + root.resolve("elsewhere")));
    assertThat(new Prepared(root.resolve("elsewhere")).digests()).isEqualTo(local);
    var missing = new PrepareSettings("other:" + root, "other:" + root.resolve("none"), RECIPE);
    assertThatThrownBy(
            () -> new PrepareTask(spark, missing).run("t", new org.apache.hadoop.fs.Path("x")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("none does not exist")
        .hasMessageContaining("model.path");
  }

  @Test
  void whatIsMissingOrWrongIsSaidBeforeAnythingIsWritten() throws IOException {
    task("good", 0, 5, 5, 8, 8, 9);
    var before = prepare("good", RECIPE).digests();
    write(root.resolve("good/test.json"), json(8, 9).replace("even number", "even\nnumber"));
    assertFails("good", "test.json is not well-formed JSON: line 2");
    write(root.resolve("good/test.json"), json(8, 9).replace(DEFINITION, "Another."));
    assertFails("good", "test.json ('Another.') is not that in ");
    Files.delete(root.resolve("good/test.json"));
    assertFails("good", "good has no test split: expected test.json or test.json.gz in it");
    assertFails("god", "god does not exist; the nearest names there are good");
    assertThat(prepared("good").digests()).isEqualTo(before);
    write(root.resolve("one/train.json"), json(0, 1));
    write(root.resolve("one/test.json"), json(1, 2));
    assertFails("one", "Task one has 1 training instance and no dev split of its own");
  }

  @Test
  void aModelFolderWithoutTokenizerIsNamed() throws IOException {
    task("t", 0, 5, 5, 8, 8, 9);
    var settings = new PrepareSettings(root.toString(), root.resolve("model").toString(), RECIPE);
    assertThatThrownBy(() -> new PrepareTask(spark, settings).run("t", folder("t")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("model");
  }

  @Test
  void aTargetEndsWithTheEndTokenOfItsModel() throws IOException {
    task("t", 0, 21, 21, 31, 31, 40);
    var llama = Files.createDirectory(root.resolve("llama"));
    Files.copy(TestSpark.modelFolder().resolve("tokenizer.json"), llama.resolve("tokenizer.json"));
    Files.writeString(
        llama.resolve("config.json"),
        "{\"model_type\": \"llama\", \"eos_token_id\": [7, 8], \"vocab_size\": 32128}");
    var settings = new PrepareSettings(root.toString(), llama.toString(), RECIPE);
    new PrepareTask(spark, settings).run("t", folder("t"));
    for (var row : rows("t", Split.TRAIN)) {
      var expected = tokenizer.encode(row.references().get(0), 50).ids();
      assertThat(expected[expected.length - 1]).isEqualTo(1);
      expected[expected.length - 1] = 7;
      assertThat(row.targetIds()).isEqualTo(expected);
    }
  }

  @Test
  void aSourceBeginsAsTheTokenizerDoesUnlessThatIsNotWanted() throws IOException {
    task("t", 0, 21, 21, 31, 31, 40);
    var llama = Files.createDirectory(root.resolve("llama"));
    var mapper = JsonMapper.builder().build();
    var begins =
        (ObjectNode) mapper.readTree(TestSpark.modelFolder().resolve("tokenizer.json").toFile());
    var template = (ArrayNode) begins.get("post_processor").get("single");
    template.insert(0, template.get(1).deepCopy());
    mapper.writeValue(llama.resolve("tokenizer.json").toFile(), begins);
    Files.writeString(
        llama.resolve("config.json"),
        "{\"model_type\": \"llama\", \"eos_token_id\": 7, \"vocab_size\": 32128}");
    var with = prepared(llama, true);
    var without = prepared(llama, false);
    assertThat(with).hasSameSizeAs(without).isNotEmpty();
    for (int i = 0; i < with.size(); i++) {
      var ids = with.get(i).sourceIds();
      assertThat(ids[0]).isEqualTo(1);
      assertThat(without.get(i).sourceIds()).isEqualTo(Arrays.copyOfRange(ids, 1, ids.length));
      assertThat(without.get(i).targetIds()).isEqualTo(with.get(i).targetIds());
    }
  }

  /** Into the same folder each time: what was prepared otherwise is prepared again. */
  private List<TokenisedExample> prepared(Path model, boolean beginOfText) throws IOException {
    var recipe = new Recipe("super-ni", "super-ni", 512, 50, 4, 0.2, 42, beginOfText);
    var settings = new PrepareSettings(root.toString(), model.toString(), recipe);
    var manifest = new PrepareTask(spark, settings).run("t", folder("t"));
    assertThat(manifest.recipe().beginOfText()).isEqualTo(beginOfText);
    return rows("t", Split.TRAIN);
  }

  @Test
  void aModelFolderWithoutConfigurationIsNamed() throws IOException {
    task("t", 0, 21, 21, 31, 31, 40);
    var bare = Files.createDirectory(root.resolve("bare"));
    Files.copy(TestSpark.modelFolder().resolve("tokenizer.json"), bare.resolve("tokenizer.json"));
    var settings = new PrepareSettings(root.toString(), bare.toString(), RECIPE);
    assertThatThrownBy(() -> new PrepareTask(spark, settings).run("t", folder("t")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("bare/config.json does not exist");
  }

  @Test
  void settingsThatCannotWorkAreRefusedAtOnce() {
    assertThatThrownBy(() -> job(new Recipe("super_ni", "super-ni", 512, 50, 4, 0.2, 42, true)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.format is 'super_ni'");
    assertThatThrownBy(() -> job(new Recipe("super-ni", "superni", 512, 50, 4, 0.2, 42, true)))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("tasks.template is 'superni'");
  }

  private void assertFails(String task, String message) {
    assertThatThrownBy(() -> run(task, RECIPE))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message);
  }

  private void task(String name, int... bounds) throws IOException {
    write(root.resolve(name + "/train.json"), json(bounds[0], bounds[1]));
    write(root.resolve(name + "/dev.json"), json(bounds[2], bounds[3]));
    write(root.resolve(name + "/test.json"), json(bounds[4], bounds[5]));
  }

  private static List<String> inputs(int from, int to) {
    return IntStream.range(from, to).mapToObj(i -> input(i)).toList();
  }

  private PrepareTask job(Recipe recipe) {
    return new PrepareTask(
        spark, new PrepareSettings(root.toString(), TestSpark.modelFolder().toString(), recipe));
  }

  private TaskManifest run(String task, Recipe recipe) throws IOException {
    return job(recipe).run(task, folder(task));
  }

  private Prepared prepare(String task, Recipe recipe) throws IOException {
    run(task, recipe);
    return prepared(task);
  }

  private Prepared prepared(String task) {
    return new Prepared(root.resolve("data").resolve(task));
  }

  private List<TokenisedExample> rows(String task, Split split) {
    try {
      return prepared(task).rows(split);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private org.apache.hadoop.fs.Path folder(String task) {
    return new org.apache.hadoop.fs.Path(root.resolve("data").resolve(task).toUri());
  }
}
