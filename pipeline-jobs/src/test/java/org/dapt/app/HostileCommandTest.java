package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken inputs from end to end: the exit code, the message, and what is left on disk. */
class HostileCommandTest {
  private static final String SECRET = "hunter2hunter2";

  @TempDir private Path folder;
  private TestRun run;

  @BeforeEach
  void configure() throws IOException {
    run = TestRun.in(folder.resolve("work"), List.of("colour"));
  }

  @Test
  void aFailedPrepareLeavesNothingThatLooksFinished() throws IOException {
    Path test = work("tasks/colour/test.json");
    byte[] whole = Files.readAllBytes(test);
    Files.write(test, java.util.Arrays.copyOf(whole, whole.length - 9));
    fails(run.run("prepare"), 3, "test.json");
    assertThat(markers()).isEmpty();
    Files.write(test, whole);
    assertThat(run.run("prepare").code()).isZero();
    assertThat(markers()).containsExactly("_DONE", "manifest.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../escaped", "/escaped", "a/../../escaped", "..", "colour\u0007"})
  void noNameOfATaskLeadsOutOfTheRun(String name) throws IOException {
    TaskFiles.write(work(""), "colour", 32);
    List<String> before = outside();
    fails(run.with("tasks.order=\"" + escaped(name) + "\"").run("prepare"), 2, "tasks.order");
    fails(run.run("learn", name), 2, "task");
    assertThat(outside()).isEqualTo(before);
  }

  @Test
  void secretsAreInNoFileAndNoOutput() throws IOException {
    TestRun.Ended ended =
        run.with(
                "spark.hadoop.fs.s3a.secret.key=" + SECRET,
                "spark.my.password=" + SECRET,
                "spark.my.url=s3a://me:" + SECRET + "@bucket/")
            .run("prepare");
    assertThat(ended.code()).isZero();
    assertThat(ended.out() + ended.err()).doesNotContain(SECRET);
    assertThat(work("run/config.conf")).content().contains("***");
    try (Stream<Path> files = Files.walk(work("run"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(SECRET);
      }
    }
  }

  @Test
  void aRunOfAnotherVersionIsRefused() throws IOException {
    assertThat(run.run("prepare").code()).isZero();
    Path file = work("run/run.json");
    String text = Files.readString(file);
    replace(file, text.replace("\"config_hash\"", "\"configuration\""));
    fails(run.run("prepare"), 2, "run.json");
    replace(file, text);
    Path marker = work("run/data/colour/_DONE");
    replace(marker, Files.readString(marker).replace("\"1\"", "\"99\""));
    fails(run.run("prepare"), 3, "_DONE", "99");
  }

  @Test
  void aTokenizerThatEndsItsProcessIsRefused() throws IOException {
    Path model = Files.createDirectories(work("model"));
    for (String file : List.of("config.json", "model.safetensors")) {
      Files.copy(TestRun.MODEL.resolve(file), model.resolve(file));
    }
    Files.writeString(
        model.resolve("tokenizer.json"),
        """
        {"version": "1.0", "added_tokens": [],
         "normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAA"},
         "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]]}}
        """);
    fails(run.with("model.path=" + model).run("prepare"), 3, "tokenizer.json", "ends the process");
    assertThat(markers()).isEmpty();
  }

  @Test
  void aConfigurationWithoutAnEndIsRefused() throws IOException {
    Files.writeString(work("run.conf"), "a = " + "[".repeat(50_000));
    fails(run.run("prepare"), 2, "nested too deep");
    assertThat(work("run")).doesNotExist();
  }

  private List<String> markers() throws IOException {
    if (!Files.exists(work("run/data"))) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(work("run/data"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.equals("_DONE") || name.equals("manifest.json"))
          .sorted()
          .toList();
    }
  }

  /** Everything but the run directory. */
  private List<String> outside() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files
          .filter(file -> !file.startsWith(work("run")))
          .map(Path::toString)
          .sorted()
          .toList();
    }
  }

  private Path work(String name) {
    return folder.resolve("work").resolve(name);
  }

  private static String escaped(String name) {
    return name.replace("\u0007", "\\u0007");
  }

  private static void replace(Path file, String content) throws IOException {
    Files.deleteIfExists(file.resolveSibling("." + file.getFileName() + ".crc"));
    Files.writeString(file, content);
  }

  private static void fails(TestRun.Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says);
    assertThat(ended.code()).isEqualTo(code);
    assertThat(ended.err()).doesNotContain("\tat ").doesNotContain("unexpected failure");
  }
}
