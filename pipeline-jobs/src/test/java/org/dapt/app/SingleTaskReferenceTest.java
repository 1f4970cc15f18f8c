package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is no reference of forward transfer is refused before it costs a training. */
class SingleTaskReferenceTest {
  private static final String[] LOCAL = {
    "-D", "spark.driver.host=127.0.0.1", "-D", "spark.driver.bindAddress=127.0.0.1"
  };

  @TempDir private Path folder;

  /** Has learnt order and length; colour is to be learnt. */
  private Path run;

  private Path single;

  @BeforeEach
  void twoRuns() throws IOException {
    run = StoredRun.write(folder.resolve("a"), "0.1.0");
    single = StoredRun.write(folder.resolve("b"), "0.1.0");
    change(single.resolve("run.json"), "dapt-lora", "single-task");
    change(single.resolve("config.conf"), "name=dapt-lora", "name=single-task");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run.json    | single-task               | seq-lora      | expected one of method",
        "run.json    | \"model_sha256\" : \"     | \"model_sha256\" : \"other | SHA-256 of the model: other",
        "config.conf | template=super-ni         | template=long-sequence | tasks.template",
        "config.conf | seed=42                   | seed=43       | run.seed: 43 there, 42 here",
      })
  void ofOtherWorkIsRefusedByDryRunAndCommandAlike(
      String file, String there, String changed, String says) throws IOException {
    change(single.resolve(file), there, changed);

    refused(says, "learn", "colour");
    assertThat(run.resolve("data/colour")).doesNotExist();
    refused(says, "evaluate");
  }

  @Test
  void thatIsNoRunIsRefusedBeforeAnythingOfTheStreamIsThere() throws IOException {
    TestRun stream =
        TestRun.in(folder, List.of("colour"))
            .with("evaluate.single-task-run=" + folder.resolve("nowhere"));
    String says = "evaluate.single-task-run: .*nowhere is not a run directory";

    TestRun.Ended asked = stream.run("run", "--dry-run");
    assertThat(said(asked)).containsPattern(says);
    assertThat(asked.code()).isEqualTo(2);
    assertThat(folder.resolve("run")).doesNotExist();
    TestRun.Ended ended = stream.run("run");
    assertThat(said(ended)).isEqualTo(said(asked));
    assertThat(ended.code()).isEqualTo(2);
    assertThat(folder.resolve("run/data")).doesNotExist();
  }

  @Test
  void ofOtherSettingsIsRefusedWhereTheStreamIsNotStartedYet() throws IOException {
    TestRun stream =
        TestRun.in(folder, List.of("colour")).with("evaluate.single-task-run=" + single);

    TestRun.Ended asked = stream.run("run", "--dry-run");

    assertThat(said(asked))
        .contains(
            "whose work is not that of " + folder.resolve("run") + ":\n",
            "tasks.shards: 1 there, 4 here");
    assertThat(asked.code()).isEqualTo(2);
  }

  @Test
  void onTheSameWorkIsAReferenceBeforeItHasAllScores() {
    TestRun.Ended asked = dapt("learn", "colour", "--dry-run");

    assertThat(asked.code()).as(asked.err()).isZero();
    assertThat(asked.out()).contains("colour: to do");
  }

  /** The data of a task that is to be learnt are compared as soon as it is prepared. */
  @Test
  void ofOtherDataIsRefusedBeforeTheTaskIsLearnt() throws IOException {
    Path learnt = run.resolve("tasks/02-length");
    FileSystem.getLocal(new Configuration())
        .delete(new org.apache.hadoop.fs.Path(learnt.toString()), true);
    Path manifest = single.resolve("data/length/manifest.json");
    change(manifest, "\"sha256\" : \"", "\"sha256\" : \"0");

    assertThat(dapt("prepare", "length").code()).isZero();

    refused("SHA-256 of the files of length", "train", "length");
    assertThat(learnt).doesNotExist();
  }

  private void refused(String says, String... command) {
    TestRun.Ended asked = dapt(with(command, "--dry-run"));
    assertThat(said(asked)).startsWith("dapt: evaluate.single-task-run is ").contains(says);
    assertThat(asked.code()).isEqualTo(2);
    TestRun.Ended ended = dapt(command);
    assertThat(said(ended)).isEqualTo(said(asked));
    assertThat(ended.code()).isEqualTo(2);
  }

  private static String said(TestRun.Ended ended) {
    assertThat(ended.err()).contains("dapt:");
    return ended.err().substring(ended.err().indexOf("dapt:"));
  }

  /** {@code command} with the run to compare with. */
  private TestRun.Ended dapt(String... command) {
    return TestRun.execute(
        with(
            with(with(command, "--run", run.toString()), LOCAL),
            "-D",
            "evaluate.single-task-run=" + single));
  }

  private static String[] with(String[] arguments, String... more) {
    return Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new);
  }

  private static void change(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replaceFirst(Pattern.quote(from), to));
  }
}
