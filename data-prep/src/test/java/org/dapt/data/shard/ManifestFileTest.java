package org.dapt.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.TaskManifest.DrawnFrom;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.data.shard.TaskManifest.Input;
import org.dapt.data.shard.TaskManifest.Shard;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.data.shard.TaskManifest.Splits;
import org.dapt.error.InputException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestFileTest {
  private static final TaskManifest MANIFEST =
      new TaskManifest(
          TaskManifest.FORMAT_VERSION,
          "odd-or-even",
          "Say \"odd\" oder „gerade“.",
          new Recipe("super-ni", "{input}", 512, 50, 2, 0.1, 42, true),
          "ab",
          List.of(new Input("train", "train.json", 10, "cd", 5)),
          new HoldOutNote(HoldOutNote.NO_DEV, 5, 1),
          new DrawnFrom(4, 1, 9),
          new Splits(split(Split.TRAIN, 5), split(Split.DEV, 1), split(Split.TEST, 2)));

  @TempDir private Path folder;

  private FileSystem files;

  @BeforeEach
  void write() throws IOException {
    files = FileSystem.getLocal(new Configuration());
    ManifestFile.write(files, hadoopFolder(), MANIFEST);
  }

  @Test
  void itComesBackAsItWasWritten() throws IOException {
    assertThat(ManifestFile.read(files, hadoopFolder())).isEqualTo(MANIFEST);
    var first = Files.readAllBytes(file());
    ManifestFile.write(files, hadoopFolder(), ManifestFile.read(files, hadoopFolder()));
    assertThat(Files.readAllBytes(file())).isEqualTo(first);
    assertThat(Files.readString(file()))
        .contains("\"max_source_tokens\" : 512")
        .contains("\"tokenizer_sha256\" : \"ab\"")
        .doesNotContain("\r");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"format_version\" : 1 | \"format_version\" : 2 | has format version 2, expected 1",
        "\"format_version\" : 1, | `` | has format version , expected 1",
        "\"task\" : \"odd-or-even\" | \"task\" : null | is damaged: one of task, definition,",
        "\"task\" : \"odd-or-even\", | `` | is not a manifest: the value at task is missing",
        "\"shards\" : 2 | \"shards\" : 3 | the split train has 2 shards, the recipe says 3",
        "\"shards\" : 2 | \"shards\" : 0 | tasks.shards is 0, expected 1 or more",
        "\"shards\" : 2 | \"shards\" : \"two\" | is not a manifest",
        "\"examples\" : 5 | \"examples\" : 7 | entry 0 of the shards of train is",
        "\"examples\" : 2 | \"examples\" : 0 | the split test has 0 examples, expected at least"
            + " one",
        "train/shard-00001 | ../../shard-00001 | expected number 1, file train/shard-00001.parquet",
        "\"shard\" : 1 | \"shard\" : 0 | entry 1 of the shards of train is",
        "\"inputs\" : [ | \"inputs\" : null, \"x\" : [ | is not a manifest",
        "\"rows\" : 3 | \"rows\" : null | is not a manifest",
        "\"hold_out\" : 0.1 | \"hold_out\" : 1.5 | tasks.hold-out is 1.5",
      })
  void partsThatDoNotFitAreNamed(String found, String replacement, String message)
      throws IOException {
    var text = Files.readString(file());
    assertThat(text).contains(found);
    replace(text.replace(found, replacement));
    assertUnusable(message);
  }

  @Test
  void manifestsOfEarlierVersionsLackTheLaterCounts() throws IOException {
    var text = Files.readString(file());
    for (var name : List.of("instructed", "unknown_sources", "unknown_targets", "equal_targets")) {
      assertThat(text).contains(name);
      text = text.replaceAll("\\s*\"%s\" : \\d+,".formatted(name), "");
      assertThat(text).doesNotContain(name);
    }
    replace(text);
    var content = ManifestFile.read(files, hadoopFolder()).split(Split.TRAIN);
    assertThat(content.unknownSources()).isZero();
    assertThat(content.equalTargets()).isZero();
    assertThat(content.references()).isPositive();
  }

  @Test
  void manifestsOfEarlierVersionsTookAllExamples() throws IOException {
    var text = Files.readString(file());
    for (var name : List.of("max_train", "max_dev", "max_test")) {
      assertThat(text).contains(name);
      text = text.replaceAll(",\\s*\"%s\" : \\d+".formatted(name), "");
    }
    text = text.replaceAll("\"drawn_from\" : \\{[^}]*},", "");
    assertThat(text).doesNotContain("max_train", "max_dev", "max_test", "drawn");
    replace(text);
    var manifest = ManifestFile.read(files, hadoopFolder());
    assertThat(manifest.recipe()).isEqualTo(MANIFEST.recipe());
    assertThat(manifest.drawnFrom()).isNull();
  }

  @Test
  void aFileThatIsNoManifestIsNamed() throws IOException {
    var text = Files.readString(file());
    replace(text.substring(0, text.length() / 2));
    assertUnusable("is not a manifest");
    replace("");
    assertUnusable("has format version");
    replace("[1, 2]");
    assertUnusable("has format version");
    replace("PAR1\0\0");
    assertUnusable("is not a manifest");
    Files.delete(file());
    assertThatThrownBy(() -> ManifestFile.read(files, hadoopFolder()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("manifest.json does not exist")
        .hasMessageContaining("Run prepare.");
  }

  @Test
  void aChecksumOfTheFileSystemThatDoesNotFitIsNamed() throws IOException {
    Files.writeString(file(), Files.readString(file()).replace("gerade", "gerede"));
    assertUnusable("is damaged: Checksum error");
  }

  private void assertUnusable(String message) {
    assertThatThrownBy(() -> ManifestFile.read(files, hadoopFolder()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("manifest.json ")
        .hasMessageContaining(message)
        .hasMessageContaining("Delete the folder and run prepare again.");
  }

  private void replace(String text) throws IOException {
    Files.deleteIfExists(folder.resolve(".manifest.json.crc"));
    Files.writeString(file(), text);
  }

  private Path file() {
    return folder.resolve(TaskManifest.FILE);
  }

  private org.apache.hadoop.fs.Path hadoopFolder() {
    return new org.apache.hadoop.fs.Path(folder.toUri());
  }

  private static SplitContent split(Split split, int examples) {
    var lengths = new LengthStatistics(3, 4.5, 4, 6, 7);
    var shards =
        IntStream.range(0, 2)
            .mapToObj(
                s -> new Shard(s, Shard.file(split, s), (examples + 1 - s) / 2, 100 + s, "ef"))
            .toList();
    return new SplitContent(
        examples, 2L * examples, lengths, lengths, 1, 0, 0, 0, 0, 3, 2, 1, shards);
  }
}
