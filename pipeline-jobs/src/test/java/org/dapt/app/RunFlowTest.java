package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.logging.log4j.Level;
import org.apache.spark.sql.Row;
import org.dapt.config.CapturedLog;
import org.dapt.gang.TestSpark;
import org.dapt.io.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a user runs them: what they leave behind, print and return. */
class RunFlowTest {
  private static final List<String> TWO = List.of("colour", "order");

  @TempDir private Path folder;

  @Test
  void learnsTheTasksInOrderAndPrintsTheScores() throws IOException {
    TestRun.learnt(folder);
    TestRun.Ended ended = SharedRun.ended();
    assertThat(ended.err()).doesNotContain("unexpected");
    assertThat(ended.code()).isZero();
    assertThat(ended.out())
        .contains("after colour", "after order", "AP", "F.Ra", "FWT", "BWT")
        .contains("Selection accuracy", "tokens/s", "MiB resident")
        .contains("Selection accuracy in per cent on each task (columns)")
        .contains("Mean attention weight of each block (columns)", "on t2 ", "  t2   order");
    Path run = folder.resolve("run");
    for (String file :
        List.of(
            "run.json",
            "config.conf",
            "data/colour/manifest.json",
            "tasks/01-colour/block.safetensors",
            "tasks/01-colour/attention.safetensors",
            "tasks/01-colour/target.json",
            "tasks/01-colour/training.parquet",
            "tasks/01-colour/_DONE",
            "tasks/02-order/_DONE",
            "scores/step=0001/_DONE",
            "scores/step=0002/_DONE",
            "predictions/step=0002/task=colour",
            "predictions/step=0002/task=order",
            "attention/step=0002")) {
      assertThat(run.resolve(file)).exists();
    }
    assertThat(leftovers(run)).isEmpty();
    for (String task : TWO) {
      List<Row> answers = rows(run.resolve("predictions/step=0002/task=" + task));
      assertThat(answers.get(0).schema().fieldNames())
          .startsWith("index", "id", "input", "references", "prediction")
          .hasSize(9);
      assertThat(answers).extracting(row -> row.getLong(0)).isSorted().doesNotHaveDuplicates();
      assertThat(answers)
          .extracting(row -> row.getString(1))
          .hasSize(8)
          .allMatch(id -> id.startsWith(task + "-test-"));
    }
  }

  @Test
  void aSecondRunChangesNothing() throws IOException {
    TestRun run = TestRun.learnt(folder);
    TestRun.Ended first = SharedRun.ended();
    Map<String, FileTime> before = times(folder.resolve("run"));
    TestRun.Ended second = run.run("run");
    assertThat(second.code()).isZero();
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(times(folder.resolve("run"))).isEqualTo(before);
    // What was learnt behind the order, by dapt learn say, belongs to it.
    TestRun.Ended shorter = run.with("tasks.order=colour").run("run");
    assertThat(shorter.code()).as(shorter.err()).isZero();
    assertThat(shorter.out()).isEqualTo(first.out());
    TestRun.Ended other = run.with("tasks.order=order,colour").run("run");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).contains("has learnt [colour, order] in this order");
  }

  @Test
  void softPromptsAreLearntScoredAndLeftAloneByASecondRun() throws IOException {
    TestRun run = TestRun.in(folder, TWO).with("method.name=dapt-prompt", "prompt.length=5");
    TestRun.Ended first = run.run("run");
    assertThat(first.err()).doesNotContain("unexpected");
    assertThat(first.code()).isZero();
    assertThat(first.out()).contains("after colour", "after order", "AP", "Selection accuracy");
    Path block = folder.resolve("run/tasks/02-order/block.safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(block)) {
      assertThat(file.names()).containsExactly("prompt");
      assertThat(file.info("prompt").shape()[0]).isEqualTo(5);
    }
    assertThat(folder.resolve("run/scores/step=0002/_DONE")).exists();
    Map<String, FileTime> before = times(folder.resolve("run"));
    TestRun.Ended second = run.run("run");
    assertThat(second.code()).isZero();
    assertThat(second.out()).isEqualTo(first.out());
    assertThat(times(folder.resolve("run"))).isEqualTo(before);
  }

  @Test
  void aDecoderOnlyModelLearnsTheTasksToo() throws IOException {
    Path model = LlamaFolder.write(folder.resolve("llama"));
    for (String method : List.of("dapt-lora", "dapt-prompt")) {
      TestRun run =
          TestRun.in(folder, TWO)
              .with(
                  "model.path=" + model,
                  "method.name=" + method,
                  "run.dir=" + folder.resolve(method));
      TestRun.Ended ended = run.run("run");
      assertThat(ended.err()).doesNotContain("unexpected");
      assertThat(ended.code()).isZero();
      assertThat(ended.out()).contains("after colour", "after order", "Selection accuracy");
    }
  }

  @Test
  void pseudoSamplesAreTheSameWhateverTheCluster() throws IOException {
    List<String> samples = new ArrayList<>();
    for (int slots : List.of(1, 2)) {
      Path own = folder.resolve("slots-" + slots);
      TestRun run =
          TestRun.in(
                  folder,
                  // Only the second run goes on to a task that reflects on the samples.
                  TWO.subList(0, slots),
                  "reflection { source = generated, share = 0.5 }",
                  "replay { steps = 50, learning-rate = 1e-2, repetition-penalty = 1 }",
                  "replay.max-tokens = 64")
              .with("run.dir=" + own, "spark.master=local[" + slots + "]", "train.ranks=1");
      TestRun.Ended ended = run.run("run");
      assertThat(ended.err()).doesNotContain("unexpected");
      assertThat(ended.code()).isZero();
      assertThat(own.resolve("pseudo/01-colour/generator.safetensors")).exists();
      String marker = Files.readString(own.resolve("pseudo/01-colour/_DONE"));
      assertThat(marker).contains("malformed", "\"seconds\"");
      samples.add(
          marker.replaceAll("(?s).*\"summary\"", "").replaceAll("\"seconds\" : [^,\\s]*", ""));
      Map<String, FileTime> before = times(own);
      assertThat(run.run("replay", "colour").code()).isZero();
      assertThat(times(own)).isEqualTo(before);
    }
    assertThat(samples.get(1)).isEqualTo(samples.get(0));
    assertThat(samples.get(0).replaceAll("\\s", "")).doesNotContain("\"kept\":0");
    assertThat(Files.readString(folder.resolve("slots-2/tasks/02-order/_DONE")))
        .contains("replay-colour");
    TestRun.Ended unlearnt = TestRun.in(folder, TWO).run("replay", "colour");
    assertThat(unlearnt.code()).isEqualTo(2);
    assertThat(unlearnt.err()).contains("Task colour is not learnt");
  }

  @Test
  void aMethodFromOutsideRunsWithItsOwnOptions() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour")).with("method.name=scaled-seq-lora");
    TestRun.Ended ended = run.run("run");
    assertThat(ended.err()).doesNotContain("unexpected");
    assertThat(ended.code()).isZero();
    String half = folder.resolve("half").toString();
    assertThat(run.with("run.dir=" + half, "method.options.factor=0.5").run("run").code()).isZero();
    String block = "tasks/01-colour/block.safetensors";
    assertThat(Files.readAllBytes(folder.resolve("half").resolve(block)))
        .isNotEqualTo(Files.readAllBytes(folder.resolve("run").resolve(block)));
  }

  @Test
  void aChangedConfigurationIsRefusedWithTheKeysThatDiffer() throws IOException {
    TestRun run = TestRun.learnt(folder);
    TestRun.Ended changed = run.with("train.epochs=2", "lora.r=4").run("run");
    assertThat(changed.code()).isEqualTo(2);
    assertThat(changed.err())
        .contains("train.epochs: 1 in the run, 2 now", "lora.r: 8 in the run, 4 now")
        .doesNotContain("\tat ");
  }

  @Test
  void aRunGoesOnWhereItStoppedBetweenTwoTasks() throws IOException {
    TestRun one = TestRun.in(folder, List.of("colour"));
    TestRun.Ended first = one.run("run");
    assertThat(first.code()).isZero();
    // There is but one block to select.
    assertThat(first.out()).contains("Selection accuracy 100.0");
    byte[] block = Files.readAllBytes(folder.resolve("run/tasks/01-colour/block.safetensors"));
    TestRun two = TestRun.in(folder, TWO);
    TestRun.Ended continued = two.run("run");
    assertThat(continued.code()).isZero();
    assertThat(Files.readAllBytes(folder.resolve("run/tasks/01-colour/block.safetensors")))
        .isEqualTo(block);
    TestRun.Ended straight = TestRun.learnt(folder.resolve("straight")).run("run");
    assertThat(straight.matrix()).isEqualTo(continued.matrix());
    assertThat(Files.readAllBytes(folder.resolve("straight/run/tasks/02-order/block.safetensors")))
        .isEqualTo(Files.readAllBytes(folder.resolve("run/tasks/02-order/block.safetensors")));
  }

  @Test
  void changedFilesArePreparedAgainUntilTheTaskIsLearnt() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour"));
    assertThat(run.run("prepare").code()).isZero();
    Path manifest = folder.resolve("run/data/colour/manifest.json");
    String before = Files.readString(manifest);
    TaskFiles.write(folder.resolve("tasks"), "colour", 40);
    assertThat(run.run("prepare").code()).isZero();
    String changed = Files.readString(manifest);
    assertThat(changed).isNotEqualTo(before);
    try (CapturedLog log = new CapturedLog(PrepareJob.class)) {
      assertThat(run.run("run").code()).isZero();
      assertThat(run.run("run").code()).isZero();
      assertThat(log.lines(Level.WARN)).isEmpty();
      TaskFiles.write(folder.resolve("tasks"), "colour", 48);
      assertThat(run.run("run").code()).isZero();
      assertThat(log.lines(Level.WARN))
          .singleElement()
          .asString()
          .startsWith("Task colour was learnt from other files than those of now: ")
          .contains("train.json", "take another run.dir");
    }
    assertThat(manifest).hasContent(changed);
  }

  @Test
  void learnAddsATaskThatNoOrderNamed() throws IOException {
    TestRun.learnt(folder);
    String dir = folder.resolve("run").toString();
    TestRun.Ended learnt = TestRun.execute("learn", "--run", dir, "length");
    assertThat(learnt.err()).doesNotContain("unexpected");
    assertThat(learnt.code()).isZero();
    assertThat(learnt.out()).contains("after length");
    assertThat(folder.resolve("run/tasks/03-length/_DONE")).exists();
    TestRun.Ended again = TestRun.execute("learn", "--run", dir, "length");
    assertThat(again.code()).isZero();
    assertThat(again.out()).isEqualTo(learnt.out());
    assertThat(TestRun.execute("report", "--run", dir).out()).isEqualTo(learnt.out());
  }

  @Test
  void maxStepsEndsATaskInsideAnEpoch() throws IOException {
    TestRun.Ended ended =
        TestRun.in(folder, List.of("colour")).with("train.max-steps=3").run("run");
    assertThat(ended.code()).isZero();
    assertThat(ended.out()).contains("3 steps on");
  }

  @Test
  void theReportSaysWhereTestExamplesAreTakenOutOfTrain() throws IOException {
    List<String> rows =
        IntStream.range(0, 20)
            .mapToObj("{\"input\": \"lamp %d\", \"output\": \"red\"}"::formatted)
            .toList();
    Files.write(Files.createDirectories(folder.resolve("rows")).resolve("lamps.jsonl"), rows);
    TestRun run =
        TestRun.in(folder, List.of(), "tasks { root = rows, format = jsonl, order = [lamps] }")
            .with("train.max-steps=1");
    TestRun.Ended ended = run.run("run");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out())
        .contains("held out of train (tasks.hold-out), for want of a test split: t1\n");
    assertThat(run.run("report", "--format", "json").out()).contains("\"test_held_out\"", "lamps");
  }

  @Test
  void singleCommandsDoWhatRunDoes() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour"));
    assertThat(run.run("prepare").code()).isZero();
    assertThat(run.run("train").code()).isZero();
    assertThat(run.run("evaluate").code()).isZero();
    TestRun.Ended report = run.run("report");
    assertThat(report.code()).isZero();
    TestRun.Ended whole = run.with("run.dir=" + folder.resolve("whole")).run("run");
    assertThat(report.matrix()).isEqualTo(whole.matrix());
  }

  @Test
  void forwardTransferNeedsASingleTaskRun() throws IOException {
    TestRun run = TestRun.learnt(folder);
    String single = folder.resolve("single").toString();
    assertThat(run.run("report").out()).contains("needs evaluate.single-task-run");
    assertThat(run.with("run.dir=" + single, "method.name=single-task").run("run").code()).isZero();
    TestRun.Ended compared = run.with("evaluate.single-task-run=" + single).run("report");
    assertThat(compared.code()).isZero();
    assertThat(compared.out()).doesNotContain("needs evaluate.single-task-run").contains("FWT");
  }

  /** The rows of a folder of one Parquet file, in their order there. */
  private static List<Row> rows(Path table) throws IOException {
    try (Stream<Path> parts = Files.list(table)) {
      assertThat(parts.filter(file -> file.toString().endsWith(".parquet"))).hasSize(1);
    }
    return TestSpark.session().read().parquet(table.toString()).collectAsList();
  }

  private static List<Path> leftovers(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      return files
          .filter(
              file -> {
                String name = file.getFileName().toString();
                return name.endsWith(".tmp") || name.equals("_SUCCESS") || name.contains("LEASE");
              })
          .toList();
    }
  }

  private static Map<String, FileTime> times(Path run) throws IOException {
    Map<String, FileTime> times = new TreeMap<>();
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
        times.put(run.relativize(file).toString(), Files.getLastModifiedTime(file));
      }
    }
    return times;
  }
}
