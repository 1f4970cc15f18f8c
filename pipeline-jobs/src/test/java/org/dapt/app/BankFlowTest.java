package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.app.TestRun.Ended;
import org.dapt.bank.ForgetJob;
import org.dapt.bank.SourceRun;
import org.dapt.gang.TestSpark;
import org.dapt.io.SafetensorsFile;
import org.dapt.method.LearntTask;
import org.dapt.run.Lease;
import org.dapt.run.LeaseTimes;
import org.dapt.run.RunReplacement;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code dapt merge}, {@code realign} and {@code forget}. */
class BankFlowTest {
  /** A name and ids that occur nowhere else. */
  private static final String OTHER = "zebra";

  @TempDir private Path folder;

  @Test
  void blocksOfTwoRunsAnswerInOneAndATaskOfThemIsForgotten() throws IOException {
    TestRun.learnt(folder);
    Path one = folder.resolve("run");
    Path other = learntElsewhere();
    Path both = folder.resolve("both");
    String runs = other + "," + one;

    succeeds(TestRun.execute("merge", "--runs", runs, "--output", both.toString()));
    asIfCutOff(both, "merge");
    Ended finished = TestRun.execute("merge", "--runs", runs, "--output", both.toString());
    assertThat(succeeds(finished).out()).contains("order", one.toString(), "dapt realign --run");
    blocksHaveTheSameEffect(one, both);
    assertThat(target(both, "02-colour")).hasSize(2).first().isEqualTo(0.0);
    Ended again = TestRun.execute("merge", "--runs", runs, "--output", both.toString());
    fails(again, 2, "is not empty");

    forgettingRepairsWhatGoesToWrongBlocks(both);

    Ended realigned = succeeds(TestRun.execute("realign", "--run", both.toString()));
    assertThat(realigned.out())
        .contains("Realigned by engine native", "Own block chosen", OTHER, "colour", "order");
    double before = number(realigned.out(), "task ([0-9.]+) before");
    assertThat(number(realigned.out(), "before, ([0-9.]+) after")).isLessThan(0.3 * before);
    assertThat(files(both.resolve("selection"), "glob:**/*"))
        .extracting(path -> path.getFileName().toString())
        .containsExactlyInAnyOrder("step=0003", "selection.safetensors", "_DONE");
    Ended skipped =
        succeeds(TestRun.execute("realign", "--run", both.toString(), "--format", "json"));
    assertThat(skipped.out()).contains("\"skipped\" : true", "\"chosen_after\" : 100.0");
    assertThat(succeeds(TestRun.execute("inspect", both.toString())).out())
        .contains("selection/step=0003 by engine native, divergence ");
    Ended with = TestRun.execute("realign", "--run", both.toString(), "-D", "realign.steps=0");
    fails(with, 2, "realign.steps");

    succeeds(TestRun.execute("evaluate", "--run", both.toString()));
    assertThat(scored(both, 3)).containsExactlyInAnyOrder(OTHER, "colour", "order");
    // Whoever goes on learns behind what was realigned, and does not learn the three again.
    assertThat(succeeds(TestRun.execute("evaluate", "--run", both.toString())).out()).isEmpty();
    damagedSelectionsAreRefused(both);
    withoutTheLastTaskTheOthersKeepTheNetworkThatFitsTheirKeys(both);

    Ended planned =
        succeeds(TestRun.execute("forget", "--run", both.toString(), "--task", OTHER, "--dry-run"));
    assertThat(planned.out())
        .contains("nothing is changed", "Left would be colour, order")
        .doesNotContain("folders");
    assertThat(both.resolve("tasks/01-zebra")).exists();
    List<List<Double>> withAll = mixtures(both, 3, "colour");
    leaveACheckpoint(both);
    preparedAndUnseenTasks(both);
    planned =
        succeeds(TestRun.execute("forget", "--run", both.toString(), "--task", OTHER, "--dry-run"));
    assertThat(planned.out())
        .contains("tasks/04-later, unseen/others/scores/step=0001, unseen/with-it.");
    whoeverWritesAPartIsLeftInPeace(both);
    Ended forgotten =
        succeeds(TestRun.execute("forget", "--run", both.toString(), "--task", OTHER));
    assertThat(forgotten.out()).contains("Forgot zebra", "Left are colour, order", "Realigned by");
    assertThat(target(both, "01-colour")).containsExactly(1.0);
    assertThat(target(both, "02-order")).hasSize(2);
    nothingIsLeftOf(both);
    assertThat(both.resolve("data/later/train")).exists();
    assertThat(both.resolve("data/later/_DONE")).exists();
    assertThat(both.resolve("unseen/others/data/odd/manifest.json")).exists();
    assertThat(both.resolve("unseen/others/scores")).doesNotExist();
    assertThat(both.resolve("unseen/with-it")).doesNotExist();
    assertThat(scored(both, 2)).containsExactlyInAnyOrder("colour", "order");
    whatIsLeftSharesTheWeight(withAll, mixtures(both, 2, "colour"));
    succeeds(TestRun.execute("report", "--run", both.toString()));
    succeeds(TestRun.execute("learn", "--run", both.toString(), "order"));
    fails(
        TestRun.execute("forget", "--run", both.toString(), "--task", OTHER),
        2,
        "zebra is not learnt in",
        "colour, order");
    aReplacementThatWasCutOffIsFinished(both);
  }

  /** Another task, with blocks of another rank and scale. */
  private Path learntElsewhere() throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    TaskFiles.write(elsewhere.resolve("tasks"), "length", 32);
    Files.move(elsewhere.resolve("tasks/length"), elsewhere.resolve("tasks").resolve(OTHER));
    TestRun run =
        TestRun.in(elsewhere, List.of(OTHER), "lora { r = 4, alpha = 4 }", "run.seed = 7");
    succeeds(run.run("run"));
    return elsewhere.resolve("run");
  }

  /** B of a block counts alpha / r times: 32 / 8 where it was learnt, 4 / 8 in the new run. */
  private static void blocksHaveTheSameEffect(Path from, Path both) {
    try (PointerScope scope = new PointerScope()) {
      LearntTask there = block(from, "01-colour");
      LearntTask here = block(both, "02-colour");
      assertThat(here.block().keySet()).isEqualTo(there.block().keySet());
      here.block()
          .forEach(
              (name, tensor) -> {
                Tensor before = there.block().get(name);
                Tensor effect = name.endsWith(".lora_B") ? before.mul(new Scalar(8.0)) : before;
                assertThat(difference(tensor, effect)).as(name).isZero();
              });
    }
  }

  private static double difference(Tensor one, Tensor other) {
    return torch.abs(one.sub(other)).max().item_double();
  }

  private static LearntTask block(Path run, String task) {
    return TaskArtifacts.read(
        new Configuration(),
        new org.apache.hadoop.fs.Path(run.resolve("tasks").resolve(task).toUri()),
        task.substring(3),
        Placement.cpu(ComputeType.FLOAT32));
  }

  private static List<Double> target(Path run, String task) throws IOException {
    org.apache.hadoop.fs.Path folder =
        new org.apache.hadoop.fs.Path(run.resolve("tasks").resolve(task).toUri());
    return TaskArtifacts.readMeanAttention(folder.getFileSystem(new Configuration()), folder);
  }

  private static void damagedSelectionsAreRefused(Path run) throws IOException {
    Path file = run.resolve("selection/step=0003/selection.safetensors");
    byte[] whole = Files.readAllBytes(file);
    byte[] damaged = whole.clone();
    damaged[damaged.length - 1] ^= 64;
    Files.write(file, damaged);
    Files.deleteIfExists(file.resolveSibling(".selection.safetensors.crc"));
    Ended ended =
        TestRun.execute(
            "merge-view",
            "--run",
            run.toString(),
            "--input",
            "A red lamp.",
            "--task",
            "colour",
            "--output",
            run.resolveSibling("view").toString());
    fails(ended, 3, "selection.safetensors", "digest");
    Files.write(file, whole);
  }

  /** In a copy of a merged run, where inputs of the first task go to blocks of the other run. */
  private static void forgettingRepairsWhatGoesToWrongBlocks(Path run) throws IOException {
    Path copy = run.resolveSibling("copy");
    FileUtils.copyDirectory(run.toFile(), copy.toFile());
    String out =
        succeeds(TestRun.execute("forget", "--run", copy.toString(), "--task", "order")).out();
    double before = number(out, "task ([0-9.]+) before");
    assertThat(before).isPositive();
    assertThat(number(out, "before, ([0-9.]+) after")).isLessThan(0.3 * before);
  }

  /** Of a task that was begun behind the one that is forgotten, and knows of it. */
  private static void leaveACheckpoint(Path run) throws IOException {
    Path checkpoints = run.resolve("tasks/04-later/checkpoints");
    Files.createDirectories(checkpoints);
    Files.writeString(checkpoints.resolve("step-000000002.safetensors"), "blocks of " + OTHER);
  }

  /** By example, the weights of all blocks. */
  private static List<List<Double>> mixtures(Path run, int step, String task) {
    return TestSpark.session()
        .read()
        .parquet(run.resolve("predictions/step=000" + step + "/task=" + task).toString())
        .orderBy("index")
        .select("mixture")
        .collectAsList()
        .stream()
        .map(row -> row.<Double>getList(0))
        .toList();
  }

  /** Inputs that find their own block are answered as before, but for the first block. */
  private static void whatIsLeftSharesTheWeight(
      List<List<Double>> before, List<List<Double>> after) {
    assertThat(after).hasSameSizeAs(before).isNotEmpty();
    for (int i = 0; i < before.size(); i++) {
      double left = 1 - before.get(i).get(0);
      assertThat(after.get(i)).hasSize(2);
      for (int block = 0; block < 2; block++) {
        assertThat(after.get(i).get(block))
            .isCloseTo(before.get(i).get(block + 1) / left, within(1e-4));
      }
    }
  }

  /** Neither its name nor any of its texts: not in a file as it is, and in no table. */
  private static void nothingIsLeftOf(Path run) throws IOException {
    for (Path file : files(run, "glob:**")) {
      assertThat(file.toString()).doesNotContain(OTHER);
      if (Files.isRegularFile(file)) {
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
            .as(file.toString())
            .doesNotContain(OTHER, "length-train-", "length-test-", "length-dev-");
      }
    }
    for (Path table : files(run, "glob:**.parquet")) {
      if (Files.isRegularFile(table)) {
        for (Row row : TestSpark.session().read().parquet(table.toString()).collectAsList()) {
          assertThat(row.mkString("|")).doesNotContain(OTHER, "length-");
        }
      }
    }
    try (Stream<Path> beside = Files.list(run.getParent())) {
      assertThat(beside.map(path -> path.getFileName().toString()))
          .noneMatch(name -> name.startsWith(".both"));
    }
  }

  /** As if the process had ended when the former run was deleted in part. */
  private static void aReplacementThatWasCutOffIsFinished(Path run) throws IOException {
    asIfCutOff(run, "forget --task " + OTHER);
    Files.createDirectories(run.resolve("tasks/01-zebra"));
    fails(TestRun.execute("evaluate", "--run", run.toString()), 2, "dapt forget --task " + OTHER);
    Ended again = TestRun.execute("forget", "--run", run.toString(), "--task", OTHER);
    assertThat(succeeds(again).out()).contains("Forgot zebra", "Left are colour, order");
    nothingIsLeftOf(run);
    assertThat(run.resolve("run.json")).exists();
  }

  private static void asIfCutOff(Path run, String command) throws IOException {
    Path staging = run.resolveSibling("." + run.getFileName() + ".assembled");
    Files.move(run, staging);
    Files.createDirectories(run);
    Files.writeString(staging.resolve("_COMPLETE"), command);
  }

  /** A task that is not learnt yet, and two sets of unseen ones, of which one has the task. */
  private static void preparedAndUnseenTasks(Path run) throws IOException {
    FileUtils.copyDirectory(run.resolve("data/order").toFile(), run.resolve("data/later").toFile());
    for (String data : List.of("others/data/odd", "with-it/data/" + OTHER)) {
      Path folder = run.resolve("unseen").resolve(data);
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("manifest.json"), "{}");
      Path scores = folder.resolve("../../scores/step=0001").normalize();
      Files.createDirectories(scores);
      Files.writeString(scores.resolve("scores.parquet"), "of step 1");
    }
  }

  private static void whoeverWritesAPartIsLeftInPeace(Path run) throws IOException {
    LeaseTimes fast =
        new LeaseTimes(Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofMillis(100));
    for (String part : List.of("lease", "data/later/_LEASE", "unseen/others/_LEASE")) {
      org.apache.hadoop.fs.Path path = new org.apache.hadoop.fs.Path(run.resolve(part).toUri());
      try (Lease held = Lease.acquire(path.getFileSystem(new Configuration()), path, fast)) {
        fails(
            TestRun.execute("forget", "--run", run.toString(), "--task", OTHER),
            5,
            part + " is held by");
        held.check();
        if (part.equals("lease")) {
          fails(
              TestRun.execute("train", "--run", run.toString(), "order"), 5, part + " is held by");
        }
      }
    }
    assertThat(run.resolve("tasks/01-zebra/_DONE")).exists();
  }

  /** Of a realigned run: what is written, without fitting and evaluating it again. */
  private static void withoutTheLastTaskTheOthersKeepTheNetworkThatFitsTheirKeys(Path run)
      throws IOException {
    Configuration hadoop = new Configuration();
    Application application =
        Application.ofResults(Application.configOf(run.toString(), List.of()));
    SourceRun source = SourceRun.of(application.directory(), application.config());
    RunReplacement replacement = new RunReplacement(source.run().files(), source.run().root());
    new ForgetJob(source, "order", hadoop).write(application.config(), replacement);
    Path written = run.resolveSibling(".both.assembled");
    assertThat(written.resolve("scores/step=0002")).doesNotExist();
    Path fitted = run.resolve("selection/step=0003/selection.safetensors");
    try (PointerScope scope = new PointerScope();
        SafetensorsFile file =
            SafetensorsFile.parse(Files.readAllBytes(fitted), fitted.toString())) {
      var selection = NamedTensors.read(file, Placement.cpu(ComputeType.FLOAT32));
      var last = block(written, "02-colour").attention();
      assertThat(selection.keySet()).filteredOn(name -> !name.equals("keys")).hasSize(4);
      selection.forEach(
          (name, tensor) -> {
            if (name.equals("keys")) {
              assertThat(difference(last.get("key"), tensor.select(0, 1))).isZero();
            } else {
              assertThat(difference(last.get(name), tensor)).as(name).isZero();
            }
          });
    } finally {
      FileUtils.deleteDirectory(written.toFile());
    }
  }

  /** What they choose by belongs to each task alone: nothing has to be fitted. */
  @ParameterizedTest
  @ValueSource(strings = {"epi", "pfd"})
  void blocksThatAreChosenByFeaturesAreMergedAndForgottenAsTheyAre(String method)
      throws IOException {
    String each = "method.name = " + method;
    succeeds(TestRun.in(folder.resolve("a"), List.of("colour"), each).run("run"));
    succeeds(TestRun.in(folder.resolve("b"), List.of("order"), each).run("run"));
    Path both = folder.resolve("both");
    choosingInAnotherWayIsRefused(method.equals("epi") ? "ridge" : "k");
    String runs = folder.resolve("a/run") + "," + folder.resolve("b/run");
    Ended merged = TestRun.execute("merge", "--runs", runs, "--output", both.toString());
    assertThat(succeeds(merged).out()).contains("dapt evaluate").doesNotContain("dapt realign");
    succeeds(TestRun.execute("evaluate", "--run", both.toString()));
    assertThat(mixtures(both, 2, "order"))
        .isNotEmpty()
        .allSatisfy(
            weights -> {
              assertThat(weights).hasSize(2);
              assertThat(weights.get(1)).isGreaterThan(weights.get(0));
            });
    Ended forgotten =
        succeeds(TestRun.execute("forget", "--run", both.toString(), "--task", "colour"));
    assertThat(forgotten.out()).contains("Forgot colour", "Left are order").doesNotContain("Reali");
    assertThat(mixtures(both, 1, "order")).isNotEmpty().allMatch(List.of(1.0)::equals);
    if (method.equals("epi")) {
      Path adapter = folder.resolve("adapter");
      succeeds(
          TestRun.execute(
              "export", "--run", both.toString(), "--task", "order", "--output", "" + adapter));
      assertThat(adapter).isDirectoryNotContaining("glob:**/dapt_attention.safetensors");
      assertThat(adapter.resolve("dapt.json")).content().contains("\"attention\" : null");
    }
  }

  private void choosingInAnotherWayIsRefused(String option) throws IOException {
    Path other = folder.resolve("other");
    FileUtils.copyDirectory(folder.resolve("b/run").toFile(), other.toFile());
    edit(other, option, "3");
    fails(
        TestRun.execute(
            "merge",
            "--runs",
            folder.resolve("a/run") + "," + other,
            "--output",
            folder.resolve("neither").toString()),
        2,
        "method.options." + option + ": 3 there");
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() throws IOException {
    TestRun.learnt(folder);
    Path one = folder.resolve("run");
    String output = folder.resolve("both").toString();
    fails(
        TestRun.execute("merge", "--runs", one + "," + one, "--output", output),
        2,
        "Task colour is learnt in");
    fails(
        TestRun.execute("merge", "--runs", one.toString(), "--output", output), 2, "at least two");
    withoutItsPseudoSamplesARunIsNamed(one, output);
    Path sequential = folder.resolve("sequential");
    TestRun plain =
        TestRun.in(
            folder.resolve("plain"),
            List.of("length"),
            "method.name = seq-lora",
            "run.dir = \"" + sequential + "\"");
    succeeds(plain.run("run"));
    fails(
        TestRun.execute("merge", "--runs", one + "," + sequential, "--output", output),
        2,
        "learnt by seq-lora",
        "cannot be merged");
    fails(
        TestRun.execute("forget", "--run", sequential.toString(), "--task", "length"),
        2,
        "learnt by seq-lora");
    fails(
        TestRun.execute("realign", "--run", sequential.toString()),
        2,
        "seq-lora, which has no keys",
        "dapt-lora");
    fails(
        TestRun.execute("forget", "--run", one.toString(), "--task", "length"),
        2,
        "learnt are colour, order");
    assertThat(Path.of(output)).doesNotExist();
  }

  /** They are of the command alone: a run keeps the values that it was started with. */
  @Test
  void settingsAboveTheRunsAreNoneOfTheRunWithoutTheTask() throws IOException {
    TestRun.learnt(folder);
    Path run = folder.resolve("run");
    String before = stored(run, "batch-tokens");
    Ended forgotten =
        TestRun.execute(
            "forget",
            "--run",
            run.toString(),
            "--task",
            "order",
            "-D",
            "evaluate.batch-tokens=777",
            "-D",
            "realign.steps=7");
    assertThat(succeeds(forgotten).out()).contains("Forgot order", "Left are colour");
    assertThat(stored(run, "batch-tokens")).isEqualTo(before).doesNotContain("777");
    assertThat(stored(run, "steps")).doesNotContain("steps=7\n");
    succeeds(TestRun.execute("report", "--run", run.toString()));
  }

  /** The lines of the stored configuration with {@code key}. */
  private static String stored(Path run, String key) throws IOException {
    return Files.readAllLines(run.resolve("config.conf")).stream()
        .map(line -> line.replace(" ", "") + "\n")
        .filter(line -> line.contains(key))
        .collect(Collectors.joining());
  }

  /** That of the runs, not a folder that is there only while they are merged. */
  private void withoutItsPseudoSamplesARunIsNamed(Path run, String output) throws IOException {
    Path generated = folder.resolve("generated");
    FileUtils.copyDirectory(run.toFile(), generated.toFile());
    edit(generated, "source", "generated");
    Path other = folder.resolve("other");
    FileUtils.copyDirectory(run.toFile(), other.toFile());
    for (String task : List.of("01-colour", "02-order")) {
      Path learnt = other.resolve("tasks").resolve(task);
      Files.move(learnt, learnt.resolveSibling(task + "-again"));
    }
    fails(
        TestRun.execute("merge", "--runs", generated + "," + other, "--output", output),
        3,
        "no pseudo samples of task colour in file:" + generated,
        "dapt replay --run");
    FileUtils.deleteDirectory(Path.of(output).toFile());
  }

  /** Another value of a key in the stored configuration. */
  private static void edit(Path run, String key, String value) throws IOException {
    Path config = run.resolve("config.conf");
    String text = Files.readString(config);
    String changed = text.replaceFirst("(?m)^( *" + key + " *=).*$", "$1 " + value);
    assertThat(changed).isNotEqualTo(text);
    Files.writeString(config, changed);
    Files.delete(config.resolveSibling(".config.conf.crc"));
  }

  private static List<String> scored(Path run, int step) {
    return TestSpark.session()
        .read()
        .parquet(run.resolve("scores/step=000" + step).toString())
        .select("evaluated_task")
        .distinct()
        .collectAsList()
        .stream()
        .map(row -> row.getString(0))
        .toList();
  }

  private static double number(String text, String pattern) {
    var found = java.util.regex.Pattern.compile(pattern).matcher(text);
    assertThat(found.find()).as(text).isTrue();
    return Double.parseDouble(found.group(1));
  }

  private static List<Path> files(Path root, String pattern) throws IOException {
    var matcher = FileSystems.getDefault().getPathMatcher(pattern);
    try (Stream<Path> all = Files.walk(root)) {
      return all.filter(path -> !path.equals(root))
          .filter(path -> !path.getFileName().toString().endsWith(".crc"))
          .filter(matcher::matches)
          .toList();
    }
  }

  private static Ended succeeds(Ended ended) {
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.err()).doesNotContain("unexpected failure", "\tat ");
    return ended;
  }

  private static void fails(Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says).doesNotContain("unexpected failure", "\tat ");
    assertThat(ended.code()).isEqualTo(code);
  }
}
