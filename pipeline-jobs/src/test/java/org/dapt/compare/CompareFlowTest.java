package org.dapt.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.commons.io.FileUtils;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.DaptProcess;
import org.dapt.app.TaskFiles;
import org.dapt.app.TestRun;
import org.dapt.gang.TestSpark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A comparison that is killed, goes on, and has a method that fails. */
class CompareFlowTest {
  private static final List<String> TASKS = List.of("colour", "order");
  private static final String FIRST = "seq-lora.main.base.seed1";

  @TempDir private Path folder;

  @Test
  void goesOnAfterItWasKilledAndTellsWhatFails() throws Exception {
    for (String task : TASKS) {
      TaskFiles.write(folder.resolve("tasks"), task, 32);
    }
    TaskFiles.write(folder.resolve("others"), "length", 16);
    TestRun run =
        TestRun.in(
            folder,
            TASKS,
            "evaluate.unseen = others",
            "compare {",
            "  dir = out, methods = [seq-lora, zero-shot, o-lora], seeds = [1, 2], parallel = 2",
            "  overrides { o-lora.tasks.root = nowhere, seq-lora.method.options {} }",
            "  bootstrap-samples = 500",
            "  tune { tasks = 1, grid { seq-lora.train.learning-rate = [0.01, 1e37] } }",
            "}");
    Path out = folder.resolve("out");
    Comparison comparison = Comparison.load(folder.resolve("run.conf"), List.of());
    String trial = comparison.trials().get(0).name();
    String learnt = killOnceItHasLearnt(out.resolve("tune").resolve(trial));

    TestRun.Ended ended = run.run("compare");

    assertThat(ended.err()).doesNotContain("unexpected");
    assertThat(ended.code()).as(ended.err()).isEqualTo(3);
    assertThat(ended.err())
        .contains("2 runs failed", "o-lora.main.base.seed1: exit code 3", "nowhere")
        .contains(out.resolve("logs/o-lora.main.base.seed2.log").toString())
        .contains("1 of what was tried failed", ": exit code 4", "diverged")
        .doesNotContain("zero-shot.main.base.seed1: exit code");
    Path marker = out.resolve("tune").resolve(trial).resolve("tasks/01-colour/_DONE");
    assertThat(Files.readString(marker)).isEqualTo(learnt);
    assertThat(Files.readString(out.resolve("logs").resolve(trial + ".log")))
        .contains("interrupted", "after colour");
    assertThat(ended.out())
        .contains("4 of 6 runs are done", "± ", "| seq-lora", "Runs that are not done");
    sharesTheData(out);
    theOutcomeIsInAllFiles(out);
    choosesByDev(out);
    answersUnseenTasks(out, trial);
    Path tried = out.resolve("tune").resolve(trial);
    assertThat(TestRun.execute("report", "--run", tried.toString()).out())
        .contains("metric exact-match on dev, not test");

    keepsWhatIsChosen(run, out, comparison);
    tellsWhatCanStillBeTold(run, out, ended.out());

    TestRun.Ended plan = run.run("compare", "--dry-run");
    assertThat(plan.code()).isEqualTo(3);
    assertThat(plan.out())
        .contains(FIRST + ": done, 2 tasks")
        .contains("o-lora.main.base.seed1: missing")
        .contains(trial + ": done, settings are chosen");
    unseenTasksAreToBeAnswered(run, out);
    // Trials of other names would be of another choice, which the runs that there are would not
    // take.
    assertThat(run.run("compare", "--dry-run", "-D", "compare.seeds=[2,1]").out())
        .contains("settings are chosen", FIRST + ": done, 2 tasks")
        .doesNotContain("to do", "refused");
    FileUtils.copyDirectory(folder.resolve("tasks").toFile(), folder.resolve("moved").toFile());
    plan =
        run.run(
            "compare",
            "--dry-run",
            "-D",
            "tasks.root=" + folder.resolve("moved"),
            "-D",
            "train.micro-batch-tokens=64",
            "-D",
            "compare.methods=[seq-lora]");
    assertThat(plan.out()).contains(FIRST + ": done, 2 tasks").doesNotContain("refused");
    assertThat(run.run("compare", "--dry-run", "--parallel", "64").err())
        .contains("--parallel) is 64");
    plan =
        run.run("compare", "--dry-run", "-D", "lora.alpha=3", "-D", "compare.methods=[seq-lora]");
    assertThat(plan.out()).contains(FIRST + ": refused");
    assertThat(plan.code()).isEqualTo(2);
    assertThat(plan.err()).contains("lora.alpha");

    TestRun.Ended other =
        run.run(
            "compare",
            "-D",
            "train.epochs=2",
            "-D",
            "compare.methods=[zero-shot]",
            "-D",
            "compare.tune.tasks=0");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains("zero-shot.main.base.seed2", "train.epochs: 1 in the run, 2 now");
  }

  /**
   * The runs that a killed comparison has begun end with it, and leave no lease. Returns the marker
   * of what was learnt.
   */
  private String killOnceItHasLearnt(Path first) throws Exception {
    List<ProcessHandle> runs;
    try (DaptProcess process =
        DaptProcess.start(
            folder.resolve("log"),
            List.of("compare", "--config", folder.resolve("run.conf").toString()))) {
      process.awaitFiles(first.resolve("tasks/01-colour"), "_DONE", 1);
      runs = process.children();
      process.kill();
    }
    assertThat(runs).isNotEmpty();
    for (ProcessHandle child : runs) {
      child.onExit().get(120, TimeUnit.SECONDS);
    }
    assertThat(first.resolve("lease")).doesNotExist();
    return Files.readString(first.resolve("tasks/01-colour/_DONE"));
  }

  private static void sharesTheData(Path out) throws IOException {
    try (var prepared = Files.list(out.resolve("data"))) {
      List<Path> folders = prepared.toList();
      // That of the method whose tasks lie elsewhere has none.
      assertThat(folders)
          .filteredOn(each -> Files.exists(each.resolve("order/manifest.json")))
          .hasSize(1);
    }
    assertThat(out.resolve("runs").resolve(FIRST).resolve("data")).doesNotExist();
    TestRun.Ended inspected =
        TestRun.execute("inspect", out.resolve("runs").resolve(FIRST).toString());
    assertThat(inspected.out()).contains("hared data", out.resolve("data").toString());
  }

  private static void theOutcomeIsInAllFiles(Path out) throws IOException {
    Path outcome = out.resolve("outcome");
    assertThat(Files.readString(outcome.resolve("comparison.md"))).contains("| seq-lora");
    assertThat(Files.readString(outcome.resolve("comparison.html")))
        .contains("<th scope=\"row\">seq-lora</th>", "connects to nowhere")
        .doesNotContain("<script");
    List<String> pairs = Files.readAllLines(outcome.resolve("pairs.csv"));
    assertThat(pairs.get(0))
        .startsWith("setting,order,measure,first,second,seeds,examples,difference");
    assertThat(pairs).hasSize(3);
    assertThat(pairs.get(1)).startsWith("base,main,ap,seq-lora,zero-shot,2,16,");
    assertThat(pairs.get(2)).startsWith("base,main,unseen_rouge_l,seq-lora,zero-shot,2,");
    SparkSession spark = TestSpark.session();
    List<Row> methods =
        spark.read().parquet(outcome.resolve("methods.parquet").toString()).collectAsList();
    assertThat(methods).hasSize(2);
    Row learnt =
        methods.stream().filter(row -> "seq-lora".equals(row.getAs("method"))).findAny().get();
    assertThat(learnt.<Long>getAs("runs")).isEqualTo(2);
    assertThat(learnt.<Double>getAs("trained_parameters_mean")).isPositive();
    assertThat(learnt.<Double>getAs("ap_sd")).isNotNegative();
    // One block for all tasks: half of the two that are recorded counts for a task.
    Path block = out.resolve("runs").resolve(FIRST).resolve("tasks/02-order/block.safetensors");
    assertThat(learnt.<Double>getAs("bytes_per_task_mean"))
        .isBetween(Files.size(block) / 2.0, Files.size(block) / 2.0 + 400);
    Row unlearnt =
        methods.stream().filter(row -> "zero-shot".equals(row.getAs("method"))).findAny().get();
    for (String pair : pairs.subList(1, 3)) {
      String mean = pair.split(",", -1)[2] + "_mean";
      assertThat(Double.parseDouble(pair.split(",", -1)[7]))
          .isCloseTo(
              learnt.<Double>getAs(mean) - unlearnt.<Double>getAs(mean),
              org.assertj.core.api.Assertions.within(1e-9));
    }
  }

  /** Those of runs, not of trials. */
  private static void answersUnseenTasks(Path out, String trial) throws IOException {
    List<String> unseen = Files.readAllLines(out.resolve("outcome/unseen.csv"));
    assertThat(unseen).hasSize(5);
    assertThat(unseen).anyMatch(row -> row.startsWith("base,main,zero-shot,2,others,(all),"));
    assertThat(out.resolve("runs").resolve(FIRST).resolve("unseen/others/scores")).exists();
    assertThat(out.resolve("tune").resolve(trial).resolve("unseen")).doesNotExist();
    assertThat(Files.readAllLines(out.resolve("outcome/methods.csv")).get(0))
        .contains(",unseen_rouge_l_mean,unseen_rouge_l_sd,");
  }

  /** As they are where the run is older than they are. */
  private static void unseenTasksAreToBeAnswered(TestRun run, Path out) throws IOException {
    Path unseen = out.resolve("runs").resolve(FIRST).resolve("unseen");
    Path away = out.resolve("unseen");
    Files.move(unseen, away);
    assertThat(run.run("compare", "--dry-run").out()).contains(FIRST + ": to do, 2 of 2 tasks");
    Files.move(away, unseen);
    // Others of them, or in other categories.
    assertThat(run.run("compare", "--dry-run", "-D", "evaluate.categories.length=Lengths").out())
        .contains(FIRST + ": to do, 2 of 2 tasks");
  }

  private static void choosesByDev(Path out) throws IOException {
    List<String> tried = Files.readAllLines(out.resolve("outcome/tuning.csv"));
    assertThat(tried).hasSize(3);
    assertThat(tried).filteredOn(line -> line.endsWith(",true")).hasSize(1);
    String chosen = Files.readString(out.resolve("tune/seq-lora.base.json"));
    assertThat(chosen).contains("\"score\"", "\"chosen\"");
    String best = tried.stream().filter(line -> line.endsWith(",true")).findAny().orElseThrow();
    String rate = best.replaceAll(".*learning-rate=([^}]*)}.*", "$1");
    assertThat(Files.readString(out.resolve("runs").resolve(FIRST).resolve("config.conf")))
        .containsPattern("learning-rate=" + Double.parseDouble(rate) + "\\b");
  }

  /** Trials that failed are not tried again; what others have done counts. */
  private static void keepsWhatIsChosen(TestRun run, Path out, Comparison comparison)
      throws Exception {
    TestRun.Ended again = run.run("compare", "--tune-only");
    assertThat(again.code()).as(again.err()).isZero();
    Path chosen = out.resolve("tune/seq-lora.base.json");
    String text = Files.readString(chosen);
    List<Cell> trials = comparison.trials();
    // Another process had the one that is done.
    List<CellEnd> ends =
        List.of(
            new CellEnd(trials.get(0), 5, "", ""),
            new CellEnd(trials.get(1), 4, "Training diverged in step 1", ""));
    Tuning tuning = new Tuning(CellConfigs.of(comparison));
    Path scores = out.resolve("tune").resolve(trials.get(0).name()).resolve("scores/step=0001");
    Path away = out.resolve("away");
    Files.delete(chosen);
    for (Path part : DaptProcess.files(scores, ".parquet")) {
      Files.move(part, away);
      assertThat(tuning.choose(TestSpark::session, tuning.open(), ends))
          .singleElement()
          .satisfies(end -> assertThat(end.code()).isEqualTo(3));
      assertThat(chosen).doesNotExist();
      Files.move(away, part);
    }
    assertThat(tuning.choose(TestSpark::session, tuning.open(), ends)).isEmpty();
    assertThat(Files.readString(chosen)).isEqualTo(text).contains("\"config_hash\"", "\"code\"");
  }

  /** Where a run has lost its answers, and another has some that the comparison is not about. */
  private static void tellsWhatCanStillBeTold(TestRun run, Path out, String before)
      throws IOException {
    Path lost = out.resolve("runs/zero-shot.main.base.seed2/predictions");
    FileUtils.deleteDirectory(lost.toFile());
    Path unseen = out.resolve("runs").resolve(FIRST).resolve("unseen");
    FileUtils.copyDirectory(unseen.resolve("others").toFile(), unseen.resolve("besides").toFile());
    TestRun.Ended again = run.run("compare", "--report-only");
    assertThat(again.code()).as(again.err()).isZero();
    String pairs = "## Differences";
    assertThat(again.out())
        .contains("4 of 6 runs are done", pairs)
        .contains("zero-shot.main.base.seed2 counts in no difference in AP between methods: ")
        .contains(before.substring(before.indexOf("## Scores"), before.indexOf(pairs)))
        .doesNotContain("besides");
    // Nothing is computed for tables: runs count also where their model is there no more.
    String gone = "model.path=" + out.resolve("gone");
    assertThat(run.run("compare", "--report-only", "-D", gone).out())
        .isEqualTo(again.out().replace("the model base-tiny", "the model gone"));
  }

  @Test
  void runsOfSharedDataDoNotSpoilEachOther() throws Exception {
    String shared = "run.data=" + folder.resolve("shared");
    TestRun run = TestRun.in(folder, List.of("colour"));
    TestRun.Ended first = run.with(shared).run("prepare");
    assertThat(first.code()).as(first.err()).isZero();
    assertThat(folder.resolve("shared/colour/manifest.json")).exists();
    assertThat(Files.readString(folder.resolve("run/run.json"))).contains("\"../shared\"");
    Path other = folder.resolve("other");

    TestRun.Ended moved = run.with("run.data=" + other).run("prepare");
    assertThat(moved.code()).isEqualTo(2);
    assertThat(moved.err()).contains("run.data", "has its prepared data in");

    TaskFiles.write(folder.resolve("tasks"), "colour", 40);
    TestRun.Ended changed = run.with(shared, "run.dir=" + other).run("prepare");
    assertThat(changed.code()).isEqualTo(3);
    assertThat(changed.err()).contains("other runs may have learnt from it", "run.data");
  }

  @Test
  void runsThatAreNotThereAreNamed() throws IOException {
    TestRun run =
        TestRun.in(folder, TASKS, "compare { dir = out, methods = [seq-lora, zero-shot] }");
    TestRun.Ended unknown = run.run("compare", "--cell", "seq-lora.main.base.seed4");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("the nearest is seq-lora.main.base.seed42", "--list");
    TestRun.Ended both = run.run("compare", "--list", "--report-only");
    assertThat(both.code()).isEqualTo(2);
    List<String> listed = new ArrayList<>(run.run("compare", "--list").out().lines().toList());
    assertThat(listed).hasSize(2).first().asString().contains("seq-lora.main.base.seed42  ");
    assertThat(run.run("compare", "--dry-run", "--parallel", "2").out())
        .contains("steps to go, about", " on 1 rank\n")
        .containsPattern(
            "in all: 2 runs to do, 8 steps, about \\d+.* one after the other, \\d+.* where 2 at once");
    assertThat(run.run("compare", "--parallel", "3").err())
        .contains("parallel", "3", "local[2] has 2 cores");
    assertThat(run.run("compare", "--parallel", "0").code()).isEqualTo(2);
    assertThat(run.run("compare", "--list", "--format", "json").out())
        .contains("\"cell\" : \"zero-shot.main.base.seed42\"", "\"tasks\" : [ \"colour\"");
  }
}
