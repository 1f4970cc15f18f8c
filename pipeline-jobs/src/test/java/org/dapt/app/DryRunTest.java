package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.dapt.tensor.Device;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What commands say that they would do, before and after it is done; and the report as JSON. */
class DryRunTest {
  @TempDir private Path folder;
  private TestRun run;

  @BeforeEach
  void configure() throws IOException {
    run = TestRun.in(folder, List.of("colour", "order"));
  }

  @Test
  void beforeAnythingIsDoneAllIsToDoAndNothingIsWritten() throws IOException {
    Map<String, FileTime> before = times();
    TestRun.Ended ended = run.run("run", "--dry-run");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out())
        .contains("would be started", "t5, 89 tensors")
        .containsPattern(
            "up to about \\d+ MiB, and \\d+ MiB for each rank, and \\d+ MiB for each task")
        .containsSubsequence(
            "colour: to do, files are sound: 32 train, 8 dev, 8 test examples",
            "colour: to do, 4 steps of 8 examples, about",
            "step 1: to do",
            "order: to do, files are sound",
            "step 2: to do",
            "parameters are learnt; ranks exchange",
            "on 2 ranks of");
    JsonNode json =
        JsonMapper.builder()
            .build()
            .readTree(run.run("run", "--dry-run", "--format", "json").out());
    assertThat(json.get("dry_run").findValuesAsText("what"))
        .containsExactly(
            "configuration",
            "run",
            "model",
            "memory",
            "prepare",
            "train",
            "evaluate",
            "prepare",
            "train",
            "evaluate",
            "cost",
            "cost");
    assertThat(json.at("/dry_run/5/state").asText()).isEqualTo("to do");
    assertThat(run.run("prepare", "order", "--dry-run").out())
        .contains("order: to do, files are sound")
        .doesNotContain("colour:");
    fails(run.run("train", "--dry-run"), 3, "Task colour is not prepared");
    fails(run.run("evaluate", "--dry-run"), 2, "no step 0");
    fails(run.run("learn", "none", "--dry-run"), 3, "none does not exist");
    assertThat(times()).isEqualTo(before);
  }

  /**
   * A plan before model and data are there: all that is missing is named, and what is known told.
   */
  @Test
  void whatIsMissingIsNamedAtOnceAndTheRestIsPlanned() throws IOException {
    TestRun plan =
        run.with(
            "model.path=" + folder.resolve("nowhere"),
            "model.shape=" + TestRun.MODEL.resolve("config.json"),
            "tasks.order=[colour, order, one, other]",
            "train.rank-tokens-per-second=100");
    TestRun.Ended ended = plan.run("run", "--dry-run");
    assertThat(ended.out())
        .containsSubsequence(
            "nowhere: missing",
            "t5, 89 tensors",
            "MiB for each rank",
            "colour: to do, 4 steps of 8 examples, about",
            "order: to do, 4 steps",
            "one: missing",
            "one: to do, in as many steps as its examples make",
            "other: missing",
            "on 2 ranks of 100 tokens/s",
            "without 2 tasks whose examples are missing");
    fails(ended, 3, "nowhere does not exist", "And 2 more are missing, see above");
    assertThat(folder.resolve("run")).doesNotExist();
    // Nothing but a dry run takes a shape for a model.
    fails(plan.run("run"), 3, "nowhere does not exist");
    fails(
        plan.with("model.shape=" + folder.resolve("none.json")).run("run", "--dry-run"),
        3,
        "none.json");
    fails(plan.with("model.shape=hdfs://host/a.json").run("run", "--dry-run"), 2, "model.shape is");
    fails(plan.with("lora.targets=[none]").run("run", "--dry-run"), 2, "lora.targets");
    // With the model there the shape is not asked for.
    assertThat(run.with("model.shape=nowhere.json").run("run", "--dry-run").code()).isZero();
  }

  /** One epoch: two passes of the examples going forward are as much as learning from them once. */
  @Test
  void passesOfMethodsAreCounted() throws IOException {
    assertThat(operations("inf-lora", "tokens") / operations("o-lora", "tokens"))
        .isBetween(1.7, 2.1);
    assertThat(operations("epi", "inputs") / operations("gain-lora", "inputs")).isBetween(1.5, 2.0);
  }

  /** FLOP that a dry run tells for so many tokens that are learnt, or inputs that are answered. */
  private double operations(String method, String of) throws IOException {
    String out = run.with("method.name=" + method).run("run", "--dry-run").out();
    Matcher told = Pattern.compile(of + " and (\\S+) FLOP").matcher(out);
    assertThat(told.find()).as(out).isTrue();
    return Double.parseDouble(told.group(1));
  }

  @Test
  void whatWouldLetTasksBeForgottenIsSaid() throws IOException {
    String key = "reflection.source";
    String found = "order is learnt after colour without replayed inputs";
    assertThat(run.with(key + "=none").run("run", "--dry-run").out())
        .contains("reflection.source: warning, task " + found, "dapt-lora", "train, given or");
    assertThat(run.with(key + "=train").run("run", "--dry-run").out()).doesNotContain("warning");
    assertThat(run.with(key + "=none", "method.name=seq-lora").run("run", "--dry-run").out())
        .doesNotContain("warning");
    assertThat(run.with(key + "=none", "tasks.order=[colour]").run("run", "--dry-run").out())
        .doesNotContain("warning");
  }

  @Test
  void whatWouldBeReplayedIsLookedFor() throws IOException {
    run = run.with("reflection.source=given", "reflection.given=" + folder.resolve("given"));
    fails(run.run("run", "--dry-run"), 3, "given/colour does not exist");
    TaskFiles.write(folder.resolve("given"), "colour", 8);
    assertThat(run.run("run", "--dry-run").code()).isZero();
  }

  @Test
  void aGpuThatThisMachineDoesNotHaveIsRefused() {
    assumeThat(Device.gpus()).isZero();
    fails(
        run.with("model.device=cuda").run("run", "--dry-run"),
        2,
        "model.device is cuda:0, but libtorch finds no GPU here");
  }

  @Test
  void moreRanksThanThisProcessRunsAreRefusedBeforeAnythingIsPrepared() {
    TestRun ranks = run.with("train.ranks=4");
    String found = "train.ranks is 4, but local[2] runs 2 tasks at once";
    fails(ranks.run("run", "--dry-run"), 2, found);
    fails(ranks.run("run"), 2, found);
    assertThat(folder.resolve("run/data")).doesNotExist();
  }

  @Test
  void dropoutThatAModelDoesNotHaveIsRefused() throws IOException {
    TestRun dropped = run.with("model.dropout=0.1");
    assertThat(dropped.run("run", "--dry-run").code()).isZero();
    Path llama = LlamaFolder.write(folder.resolve("other"));
    fails(
        dropped.with("model.path=" + llama).run("run", "--dry-run"),
        2,
        "model.dropout is 0.1, but models of the model_type 'llama' have no dropout");
    fails(run.with("model.dropout=1").run("run", "--dry-run"), 2, "model.dropout is \"1\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '|',
      value = {
        "llama; mistral; model_type is 'mistral'",
        "llama; qwen2; model_type is 'qwen2'",
        "rms_norm_eps; attention_bias\": true, \"rms_norm_eps; attention_bias is true",
        "intermediate_size\": 48; intermediate_size\": 64; do not fit its config.json",
        "num_hidden_layers\": 2; num_hidden_layers\": 3; model.layers.2.mlp.up_proj.weight"
      })
  void aModelThatNoCommandCanLoadIsRefusedByAllOfThemBeforeAnythingIsWritten(
      String text, String wrong, String says) throws IOException {
    Path model = LlamaFolder.write(folder.resolve("other"));
    Path config = model.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace(text, wrong));
    TestRun other = run.with("model.path=" + model);
    TestRun.Ended asked = other.run("run", "--dry-run");
    fails(asked, 3, says);
    for (String command : List.of("run", "prepare", "train")) {
      TestRun.Ended ended = other.run(command);
      assertThat(ended.code()).isEqualTo(3);
      assertThat(said(ended)).isEqualTo(said(asked));
    }
    assertThat(folder.resolve("run")).doesNotExist();
  }

  /** The last words, which say what is wrong. */
  private static String said(TestRun.Ended ended) {
    return ended.err().substring(ended.err().indexOf("dapt:"));
  }

  @Test
  void whatIsWrongIsFound() throws IOException {
    Path test = folder.resolve("tasks/order/test.json");
    byte[] whole = Files.readAllBytes(test);
    Files.write(test, java.util.Arrays.copyOf(whole, whole.length - 9));
    fails(run.run("run", "--dry-run"), 3, "order/test.json");
    fails(run.with("train.epochs=none").run("run", "--dry-run"), 2, "train.epochs");
    fails(run.with("model.path=nowhere").run("run", "--dry-run"), 3, "nowhere");
    Files.createDirectories(folder.resolve("run/foreign"));
    fails(run.run("run", "--dry-run"), 2, "foreign", "not a run directory");
  }

  @Test
  void afterARunAllIsDoneAndTheReportIsOneDocument() throws IOException {
    TestRun.Ended first = run.run("run");
    assertThat(first.code()).as(first.err()).isZero();
    Map<String, FileTime> before = times();
    TestRun.Ended again = run.run("run", "--dry-run");
    assertThat(again.code()).isZero();
    assertThat(again.out())
        .contains("tasks learnt: colour, order")
        .containsSubsequence(
            "colour: done, 32", "colour: done", "step 1: done", "order: done", "step 2: done")
        .doesNotContain("to do");
    TaskFiles.write(folder.resolve("tasks"), "length", 32);
    TestRun.Ended next =
        TestRun.execute("learn", "--run", folder.resolve("run").toString(), "length", "--dry-run");
    assertThat(next.out()).contains("length: to do, 4 steps of 8 examples", "step 3: to do");
    assertThat(run.run("evaluate", "--step", "1", "--dry-run").out()).contains("step 1: done");
    fails(run.with("lora.r=3").run("run", "--dry-run"), 2, "another configuration", "lora.r");
    // What a task was learnt from is asked for as the run asks for it.
    anotherManifest(
        () -> {
          fails(run.run("run", "--dry-run"), 3, "01-colour was learnt from other inputs");
          fails(run.run("run"), 3, "01-colour was learnt from other inputs");
        });

    TestRun.Ended json =
        TestRun.execute("report", "--run", folder.resolve("run").toString(), "--format", "json");
    assertThat(json.code()).as(json.err()).isZero();
    JsonNode report = JsonMapper.builder().build().readTree(json.out());
    assertThat(report.get("tasks")).hasSize(2);
    assertThat(report.get("training")).hasSize(2);
    JsonNode last = report.at("/scores/1");
    assertThat(report.at("/metrics/ap").asDouble())
        .isCloseTo((last.get(0).asDouble() + last.get(1).asDouble()) / 2, within(1e-9));
    assertThat(report.at("/metrics/fwt").isNull()).isTrue();
    assertThat(report.get("selection_accuracy").asDouble()).isBetween(0.0, 100.0);
    fails(
        TestRun.execute("report", "--run", folder.resolve("run").toString(), "--format", "xml"),
        2,
        "--format is xml");
    before.forEach((file, time) -> assertThat(times()).containsEntry(file, time));
  }

  @Test
  void whatDoesNotComputeLeavesWeightsAlone() throws IOException {
    Path model = folder.resolve("model");
    FileUtils.copyDirectory(TestRun.MODEL.toFile(), model.toFile());
    TestRun there =
        run.with(
            "tasks.order=[colour]",
            "model.path=\"distant:" + model + "\"",
            "spark.hadoop.fs.distant.impl=" + DistantFileSystem.class.getName());
    String left = "whether its weights are still those of the run takes a pass over them";
    withCache(
        "first",
        () -> {
          assertThat(there.run("run").code()).isZero();
          assertThat(there.run("run", "--dry-run").out())
              .contains("t5, 89 tensors", "colour: done")
              .doesNotContain(left);
        });
    Path weights = model.resolve("model.safetensors");
    byte[] changed = Files.readAllBytes(weights);
    changed[changed.length - 4] ^= 1;
    Files.write(weights, changed);
    withCache(
        "second",
        () -> {
          assertThat(there.run("prepare").code()).isZero();
          // A digest that was taken would be kept.
          assertThat(there.run("run", "--dry-run").out()).contains("89 tensors; " + left);
          fails(there.run("run"), 2, "The model at model.path changed");
          fails(there.run("run", "--dry-run"), 2, "The model at model.path changed");
        });
    FileUtils.deleteDirectory(model.toFile());
    fails(there.run("run", "--dry-run"), 3, "model does not exist");
    TestRun.Ended report = there.run("report");
    assertThat(report.code()).as(report.err()).isZero();
    assertThat(report.out()).contains("after colour");
    fails(there.with("lora.r=3").run("report"), 2, "another configuration", "lora.r");
  }

  @Test
  void aReportStartsNoRun() throws IOException {
    fails(run.run("report"), 2, "is not a run directory");
    assertThat(folder.resolve("run")).doesNotExist();
  }

  /** Has {@code body} keep digests and copies of models in a folder of that name. */
  private void withCache(String name, Runnable body) {
    String property = "dapt.cache.dir";
    String before = System.setProperty(property, folder.resolve(name).toString());
    try {
      body.run();
    } finally {
      if (before == null) {
        System.clearProperty(property);
      } else {
        System.setProperty(property, before);
      }
    }
  }

  @Test
  void filesThatChangedSinceTheyWerePreparedAreToBePreparedAgain() throws IOException {
    assertThat(run.run("prepare", "colour").code()).isZero();
    assertThat(run.run("prepare", "--dry-run").out()).contains("colour: done, 32");
    assertThat(run.run("train", "--dry-run").out())
        .containsSubsequence("colour: done, 32", "colour: to do, 4 steps of 8 examples");
    TaskFiles.write(folder.resolve("tasks"), "colour", 5);
    assertThat(run.run("run", "--dry-run").out())
        .containsSubsequence("colour: to do, files are sound: 5 train", "colour: to do, 1 step of");
    assertThat(
            run.with("train.epochs=7", "run.dir=" + folder.resolve("small"))
                .run("run", "--dry-run")
                .out())
        .contains("colour: to do, 7 steps of 8 examples");
  }

  /** Has {@code body} find another manifest of task colour than the one it was learnt with. */
  private void anotherManifest(Runnable body) throws IOException {
    Path data = folder.resolve("run/data/colour");
    Path manifest = data.resolve("manifest.json");
    Path checksum = data.resolve(".manifest.json.crc");
    Path kept = Files.createDirectories(folder.resolve("kept"));
    // Moved, so that they come back with their times.
    for (Path file : List.of(manifest, checksum)) {
      Files.move(file, kept.resolve(file.getFileName()));
    }
    Files.writeString(manifest, Files.readString(kept.resolve(manifest.getFileName())) + "\n");
    body.run();
    for (Path file : List.of(manifest, checksum)) {
      Files.move(kept.resolve(file.getFileName()), file, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private Map<String, FileTime> times() {
    Map<String, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        times.put(folder.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return times;
  }

  private static void fails(TestRun.Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says).doesNotContain("\tat ", "unexpected failure");
    assertThat(ended.code()).isEqualTo(code);
  }
}
