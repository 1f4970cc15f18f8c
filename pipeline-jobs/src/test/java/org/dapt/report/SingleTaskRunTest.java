package org.dapt.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.StoredRun;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.run.RunDirectory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What forward transfer may be measured against. */
class SingleTaskRunTest {
  private final Configuration hadoop = new Configuration();
  @TempDir private Path folder;
  private Path single;
  private RunDirectory run;

  @BeforeEach
  void twoRuns() throws IOException {
    run = open(StoredRun.write(folder.resolve("a"), "0.1.0"));
    single = StoredRun.write(folder.resolve("b"), "0.1.0");
    change("run.json", "dapt-lora", "single-task");
    change("config.conf", "name=dapt-lora", "name=single-task");
  }

  @Test
  void isNoneWithoutTheKey() {
    DaptConfig config = ConfigLoader.parse(run.configText(), "config.conf", List.of());

    assertThat(SingleTaskRun.of(hadoop, config, run)).isEmpty();
  }

  @Test
  void mayHaveOtherPathsMethodAndBlocks() throws IOException {
    change("config.conf", "r=1\n", "r=4\n");
    change("config.conf", "lambda=0.5", "lambda=7");

    assertThat(of()).get().extracting(RunDirectory::runId).isEqualTo(run.runId());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "run.json    | \"model_sha256\" : \" | \"model_sha256\" : \"other | SHA-256 of the model:"
            + " other.* there, .* here",
        "run.json    | r_sha256\" : \"627 | r_sha256\" : \"727 | SHA-256 of the tokenizer: 727.*"
            + " there, 627.* here",
        "config.conf | seed=42 | seed=43 | run.seed: 43 there, 42 here",
        "config.conf | template=super-ni | template=long-sequence | tasks.template: long-sequence"
            + " there, super-ni here",
        "config.conf | metric=exact-match | metric=rouge-l | tasks.metric: rouge-l there,"
            + " exact-match here",
        "config.conf | epochs=1 | epochs=2 | train.epochs: 2 there, 1 here",
        "config.conf | max-new-tokens=4 | max-new-tokens=5 | evaluate.max-new-tokens: 5 there, 4"
            + " here",
        "data/order/manifest.json | \"sha256\" : \"28e | \"sha256\" : \"38e | SHA-256 of the files"
            + " of order: .*train=38e.* there, .*train=28e.* here",
      })
  void isTheSameWork(String file, String there, String changed, String difference)
      throws IOException {
    change(file, there, changed);

    assertThatThrownBy(this::of)
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching(
            "(?s)evaluate.single-task-run is \\S+/b/run, whose work is not that of \\S+/a/run:\n  "
                + difference
                + "\nLearn the same tasks with method.name = single-task .*");
  }

  @Test
  void countsEachOfTheFilesOfASplit() throws IOException {
    // The file that is first in one of them alone.
    change(
        "data/order/manifest.json",
        "\"inputs\" : [",
        "\"inputs\" : [{\"split\" : \"train\", \"file\" : \"train-0.json\", \"bytes\" : 1, \"sha256\" :"
            + " \"0ab\", \"instances\" : 1},");

    assertThatThrownBy(this::of)
        .isInstanceOf(ConfigException.class)
        .hasMessageMatching(
            "(?s).*SHA-256 of the files of order: .*train=0ab 28e\\S+ there, .*train=28e\\S+ here.*");
  }

  @Test
  void isOfThatMethod() throws IOException {
    change("run.json", "single-task", "seq-lora");

    assertThatThrownBy(this::of)
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("a run of method seq-lora; expected one of method single-task");
  }

  private Optional<RunDirectory> of() {
    DaptConfig config =
        ConfigLoader.parse(
            run.configText(), "config.conf", List.of("evaluate.single-task-run=" + single));
    return SingleTaskRun.of(hadoop, config, run);
  }

  private RunDirectory open(Path root) {
    return RunDirectory.open(hadoop, new org.apache.hadoop.fs.Path(root.toString()));
  }

  private void change(String file, String from, String to) throws IOException {
    Path changed = single.resolve(file);
    String text = Files.readString(changed);
    assertThat(text).contains(from);
    Files.writeString(changed, text.replaceFirst(Pattern.quote(from), to));
  }
}
