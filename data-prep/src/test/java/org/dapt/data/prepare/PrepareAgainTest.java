package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.data.TaskFolders.input;
import static org.dapt.data.TaskFolders.json;
import static org.dapt.data.TaskFolders.write;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.error.InputException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A task is prepared into a folder in which it was prepared before. */
class PrepareAgainTest {
  private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000_000_000L);
  private static final Recipe RECIPE =
      new Recipe("super-ni", "super-ni", 512, 50, 4, 0.2, 42, true);

  private static SparkSession spark;

  @TempDir private Path root;

  private Path data;
  private Path model;
  private Map<String, String> first;

  @BeforeAll
  static void start() {
    spark = TestSpark.start(2);
  }

  @AfterAll
  static void stop() {
    spark.stop();
  }

  @BeforeEach
  void prepareOnce() throws IOException {
    data = root.resolve("data");
    model = Files.createDirectories(root.resolve("model"));
    for (var file : List.of("tokenizer.json", "config.json")) {
      Files.copy(TestSpark.modelFolder().resolve(file), model.resolve(file));
    }
    write(root.resolve("t/train.json"), json(0, 30));
    write(root.resolve("t/dev.json"), json(30, 40));
    write(root.resolve("t/test.json"), json(40, 50));
    prepare(RECIPE);
    first = new Prepared(data).digests();
    age();
  }

  @Test
  void nothingIsDoneWhereAllIsAsItWas() throws IOException {
    assertThat(prepare(RECIPE)).isEqualTo(new Prepared(data).task().manifest());
    assertThat(first.keySet()).allMatch(this::isUntouched);
  }

  @Test
  void anotherRecipeReplacesEverything() throws IOException {
    var recipe = new Recipe("super-ni", "super-ni", 12, 50, 2, 0.2, 42, true);
    assertThat(prepare(recipe).recipe()).isEqualTo(recipe);
    var second = new Prepared(data).digests();
    // No shard of the four is left beside the two.
    assertThat(second).hasSize(3 * 2 + 1);
    assertThat(second.values()).doesNotContainAnyElementsOf(first.values());
    prepare(RECIPE);
    assertThat(new Prepared(data).digests()).isEqualTo(first);
  }

  @Test
  void changedFilesAreReadAgain() throws IOException {
    write(root.resolve("t/train.json"), json(1, 31));
    write(root.resolve("t/dev.json"), json(31, 40));
    prepare(RECIPE);
    assertThat(new Prepared(data).inputs(Split.TRAIN)).contains(input(30)).doesNotContain(input(0));
    age();
    Files.delete(root.resolve("t/dev.json"));
    assertThat(prepare(RECIPE).holdOut()).isNotNull();
    assertThat(new Prepared(data).rows(Split.TRAIN)).hasSize(24);
  }

  @Test
  void filesThatAreNotThoseAnyMoreAreNamed() throws IOException {
    var folder = new org.apache.hadoop.fs.Path(data.toUri());
    var settings = new PrepareSettings(root.toString(), model.toString(), RECIPE);
    var hadoop = spark.sparkContext().hadoopConfiguration();
    var train = root.resolve("t/train.json");
    var dev = root.resolve("t/dev.json");
    // Written once more and the same, as by a copy without its time.
    Files.setLastModifiedTime(train, FileTime.from(java.time.Instant.now().plusSeconds(60)));
    assertThat(ChangedFiles.of(hadoop, settings, "t", folder)).isEmpty();

    write(train, json(1, 31));
    write(dev, json(32, 40));
    Files.setLastModifiedTime(dev, FileTime.fromMillis(1));

    assertThat(ChangedFiles.of(hadoop, settings, "t", folder))
        .satisfiesExactly(
            first -> assertThat(first).endsWith("/t/dev.json"),
            second -> assertThat(second).endsWith("/t/train.json"));
    Files.delete(dev);
    assertThat(ChangedFiles.of(hadoop, settings, "t", folder)).hasSize(1);
  }

  @Test
  void anotherTokenizerReplacesEverything() throws IOException {
    var file = model.resolve("tokenizer.json");
    // Another file, though of the same meaning.
    Files.writeString(file, Files.readString(file) + "\n");
    var before = new Prepared(data).task().manifest().tokenizerSha256();
    assertThat(prepare(RECIPE).tokenizerSha256()).isNotEqualTo(before);
    assertThat(first.keySet()).noneMatch(this::isUntouched);
    // What the tokenizer makes of the texts did not change.
    var second = new Prepared(data).digests();
    second.put(TaskManifest.FILE, first.get(TaskManifest.FILE));
    assertThat(second).isEqualTo(first);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"train/shard-00003.parquet", "test/shard-00000.parquet", TaskManifest.FILE})
  void whatIsMissingOrDamagedIsMadeAgain(String name) throws IOException {
    var file = data.resolve(name);
    var content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);
    assertUsable(prepare(RECIPE));
    Files.write(file, "PAR1 and no more".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    assertUsable(prepare(RECIPE));
    Files.delete(file);
    assertUsable(prepare(RECIPE));
  }

  @Test
  void whatAKilledPreparationLeftIsRemoved() throws IOException {
    Files.delete(data.resolve(TaskManifest.FILE));
    Files.delete(data.resolve("dev/shard-00001.parquet"));
    write(data.resolve("dev/.shard-00001.parquet.0e5a.tmp"), "half of a shard");
    write(data.resolve("dev/shard-00009.parquet"), "of another recipe");
    var folder = new Prepared(data);
    assertThatThrownBy(folder::task)
        .isInstanceOf(InputException.class)
        .hasMessageContaining("manifest.json does not exist: the task was not prepared, or not to");
    prepare(RECIPE);
    assertThat(folder.digests()).isEqualTo(first);
  }

  private void assertUsable(TaskManifest manifest) throws IOException {
    assertThat(manifest).isEqualTo(new Prepared(data).task().manifest());
    assertThat(new Prepared(data).digests()).isEqualTo(first);
  }

  private TaskManifest prepare(Recipe recipe) throws IOException {
    return new PrepareTask(spark, new PrepareSettings(root.toString(), model.toString(), recipe))
        .run("t", new org.apache.hadoop.fs.Path(data.toUri()));
  }

  private void age() throws IOException {
    for (var name : new Prepared(data).digests().keySet()) {
      Files.setLastModifiedTime(data.resolve(name), LONG_AGO);
    }
  }

  private boolean isUntouched(String name) {
    try {
      return Files.getLastModifiedTime(data.resolve(name)).equals(LONG_AGO);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
