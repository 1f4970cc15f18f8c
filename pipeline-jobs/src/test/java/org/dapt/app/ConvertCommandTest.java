package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.convert.ConversionRecord;
import org.dapt.digest.Sha256;
import org.dapt.io.JsonObjects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dapt convert} as its user sees it: the folder, a second call, what is in the way. */
class ConvertCommandTest {
  private static final Path GOLDEN =
      Path.of(System.getProperty("dapt.home"), "model-core/src/test/resources/gguf");
  private static final Path SOURCE = GOLDEN.resolve("smollm.gguf");

  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void chooseAPlace() {
    output = folder.resolve("models/tiny");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:"})
  void aFolderIsMadeThatInspectKnows(String scheme) throws Exception {
    assertThat(converted(0, SOURCE, scheme + output).out()).contains(output.toString());
    assertThat(contents())
        .containsOnlyKeys(
            "config.json",
            "conversion.json",
            "generation_config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json");
    assertThat(TestRun.execute("inspect", output.toString()).out()).contains("llama");
    nothingElseIsLeft();
  }

  @Test
  void theRecordHasTheDigestsOfTheSourceAndOfAllFiles() throws Exception {
    converted(0, SOURCE, output.toString());
    ConversionRecord record =
        ConversionRecord.read(
            JsonObjects.read(Files.readAllBytes(output.resolve(ConversionRecord.FILE))));
    assertThat(record.source()).isEqualTo("smollm.gguf");
    assertThat(record.sourceSha256()).isEqualTo(Sha256.of(Files.readAllBytes(SOURCE)));
    SortedMap<String, String> digests = new TreeMap<>();
    contents().forEach((name, content) -> digests.put(name, Sha256.of(content)));
    digests.remove(ConversionRecord.FILE);
    assertThat(record.files()).isEqualTo(digests);
  }

  @Test
  void theSameConversionIsNotDoneAgain() throws Exception {
    converted(0, SOURCE, output.toString());
    FileTime before = FileTime.fromMillis(1);
    Files.setLastModifiedTime(output.resolve("model.safetensors"), before);
    assertThat(converted(0, SOURCE, output.toString()).out()).contains("is there already");
    assertThat(Files.getLastModifiedTime(output.resolve("model.safetensors"))).isEqualTo(before);
  }

  @Test
  void anEmptyFolderIsFilled() throws Exception {
    Files.createDirectories(output);
    converted(0, SOURCE, output.toString());
    assertThat(contents()).containsKey("model.safetensors");
    nothingElseIsLeft();
  }

  @Test
  void whatIsInTheWayIsNamedAndStays() throws Exception {
    Files.createDirectories(output);
    Path note = Files.writeString(output.resolve("note"), "mine");
    assertThat(converted(2, SOURCE, output.toString()).err())
        .contains("--output", output.toString(), "is not empty");
    assertThat(contents()).containsOnlyKeys("note");
    assertThat(converted(2, SOURCE, note.toString()).err()).contains("is a file");
    Files.writeString(output.resolve(ConversionRecord.FILE), "{");
    assertThat(converted(2, SOURCE, output.toString()).err())
        .contains(ConversionRecord.FILE, "is not readable");
  }

  @Test
  void theConversionOfAnotherFileStays() throws Exception {
    converted(0, SOURCE, output.toString());
    SortedMap<String, byte[]> before = contents();
    assertThat(converted(2, GOLDEN.resolve("spm.gguf"), output.toString()).err())
        .contains("converted from another file, smollm.gguf", "spm.gguf");
    assertThat(contents()).usingRecursiveComparison().isEqualTo(before);
  }

  @Test
  void aFolderThatWasChangedSinceIsNotTakenForTheConversion() throws Exception {
    converted(0, SOURCE, output.toString());
    Path config = output.resolve("config.json");
    byte[] before = Files.readAllBytes(config);
    Files.writeString(config, "{}");
    assertThat(converted(2, SOURCE, output.toString()).err())
        .contains("its config.json is missing or was changed since");
    Files.write(config, before);
    converted(0, SOURCE, output.toString());
    Files.delete(output.resolve("model.safetensors"));
    assertThat(converted(2, SOURCE, output.toString()).err())
        .contains("its model.safetensors is missing or was changed since");
  }

  @Test
  void whatCannotBeConvertedLeavesNothing() throws Exception {
    byte[] content = Files.readAllBytes(SOURCE);
    Path cut = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(content, 5000));
    assertThat(converted(3, cut, output.toString()).err()).contains(cut.toString());
    assertThat(converted(3, folder.resolve("none.gguf"), output.toString()).err())
        .contains("none.gguf does not exist");
    // The last number of the file, found while weights are written already.
    byte[] damaged = content.clone();
    damaged[damaged.length - 1] = 0x7f;
    damaged[damaged.length - 2] = (byte) 0xc0;
    Path nan = Files.write(folder.resolve("nan.gguf"), damaged);
    assertThat(converted(3, nan, output.toString()).err()).contains(nan + " is not a valid", "NaN");
    assertThat(output).doesNotExist();
    assertThat(folder.resolve("models")).isEmptyDirectory();
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    assertThat(converted(2, SOURCE, file.resolve("below").toString()).err())
        .contains("--output", "below", "cannot be written");
    assertThat(converted(2, SOURCE, "nowhere://x/y").err()).contains("nowhere");
  }

  private static TestRun.Ended converted(int code, Path source, String output) {
    TestRun.Ended result =
        TestRun.execute("convert", "--gguf", source.toString(), "--output", output);
    assertThat(result.code()).as(result.err()).isEqualTo(code);
    return result;
  }

  private void nothingElseIsLeft() {
    assertThat(output.getParent().toFile().list()).containsExactly(output.toFile().getName());
  }

  private SortedMap<String, byte[]> contents() throws IOException {
    SortedMap<String, byte[]> contents = new TreeMap<>();
    try (var files = Files.list(output)) {
      files.forEach(
          file -> {
            try {
              contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return contents;
  }
}
