package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dapt.io.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The methods that dapt is compared with, from the command line to the scores. */
class MethodsFlowTest {
  private static final List<String> TASKS = List.of("colour", "order");

  @TempDir Path folder;

  @Test
  void oLoraLearnsWithATermOfItsOwn() throws IOException {
    TestRun.Ended ended = run("o-lora");
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("Selection accuracy");
    String table = folder.resolve("o-lora/tasks/02-order/training.parquet").toString();
    assertThat(TestRun.execute("inspect", table).out())
        .contains("Losses of a training", "orthogonality")
        .doesNotContain("reflection");
  }

  @Test
  void epiChoosesBlocksByFeaturesThatItKeeps() throws IOException {
    TestRun.Ended ended = run("epi", "method.options.ridge=0.1");
    assertThat(ended.out()).contains("after order", "AP", "Selection accuracy");
    Path file = folder.resolve("epi/tasks/02-order/attention.safetensors");
    assertThat(TestRun.execute("inspect", file.toString()).out())
        .contains("Attention of a task (the method's own)");
    try (SafetensorsFile attention = SafetensorsFile.open(file)) {
      assertThat(attention.names())
          .containsExactlyInAnyOrder("features.means", "features.covariance");
    }
  }

  /** Its memory of inputs is kept with the task, and an adapter does not have it. */
  @Test
  void infLoraKeepsSpacesOfInputs() throws IOException {
    TestRun.Ended ended = run("inf-lora", "method.options.total-tasks=3");
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("Selection accuracy");
    Path file = folder.resolve("inf-lora/tasks/02-order/attention.safetensors");
    assertThat(TestRun.execute("inspect", file.toString()).out())
        .contains("method      inf-lora", "added [256, ");
    String adapter = folder.resolve("adapter").toString();
    String learnt = folder.resolve("inf-lora").toString();
    TestRun.Ended exported =
        TestRun.execute("export", "--run", learnt, "--task", "colour", "--output", adapter);
    assertThat(exported.code()).as(exported.err()).isZero();
    TestRun.Ended imported =
        TestRun.in(folder, TASKS)
            .with("method.name=inf-lora", "run.dir=" + folder.resolve("imported"))
            .run("import", "--adapter", adapter, "--task", "colour");
    assertThat(imported.code()).isEqualTo(3);
    assertThat(imported.err()).contains("spaces of its inputs", "colour");
  }

  /** What its gates are is told as weights of blocks are, and no adapter has a place for them. */
  @Test
  void gainLoraWeighsBlocksByGates() throws IOException {
    TestRun.Ended ended = run("gain-lora", "method.options.hidden=8");
    assertThat(ended.out()).contains("after order", "AP", "Selection accuracy");
    Path file = folder.resolve("gain-lora/tasks/02-order/attention.safetensors");
    assertThat(TestRun.execute("inspect", file.toString()).out())
        .contains("G1 [8, 256]", "G3 [1, 256]", "added [256, ");
    String learnt = folder.resolve("gain-lora").toString();
    String adapter = folder.resolve("adapter").toString();
    TestRun.Ended refused =
        TestRun.execute("export", "--run", learnt, "--task", "order", "--output", adapter);
    assertThat(refused.code()).isEqualTo(3);
    assertThat(refused.err()).contains("gain-lora", "depends on the input", "merge-view");
    TestRun.Ended merged =
        TestRun.execute(
            "merge-view",
            "--run",
            learnt,
            "--input",
            "A red lamp.",
            "--task",
            "order",
            "--output",
            adapter);
    assertThat(merged.code()).as(merged.err()).isZero();
    assertThat(merged.out()).contains("colour", "order");
  }

  @Test
  void replayLearnsFromKeptExamplesAndSaysWhereTheyAreFrom() throws IOException {
    TestRun.Ended ended = run("replay", "method.options.share=0.5");
    assertThat(ended.out()).contains("after order", "AP");
    // 32 new examples and 16 kept ones, 8 a step.
    assertThat(marker("replay/tasks/01-colour")).contains("\"steps\":4").doesNotContain("kept-");
    assertThat(marker("replay/tasks/02-order")).contains("\"steps\":6", "kept-colour");
    TestRun.Ended same = run("replay", "method.options.share=0.5", "train.ranks=1");
    assertThat(same.err()).doesNotContain("Learnt task");
  }

  @Test
  void multiTaskLearnsAllTasksWithTheLast() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 44);
    TestRun.Ended ended = run("multi-task", "train.select=best-dev", "train.dev-every=4");
    assertThat(ended.out())
        .contains("after colour      –", "AP")
        .contains("F.Ra –  (only the last step is evaluated)")
        .doesNotContain("scores are missing");
    assertThat(folder.resolve("multi-task/scores/step=0001")).doesNotExist();
    // 44 and 32 examples, 8 a step.
    assertThat(marker("multi-task/tasks/01-colour")).contains("\"steps\":0");
    assertThat(marker("multi-task/tasks/02-order"))
        .contains("\"steps\":10", "data-colour", "dev_score");
    String losses = folder.resolve("multi-task/tasks/02-order/training.parquet").toString();
    assertThat(TestRun.execute("inspect", losses).out()).contains("10");

    String multi = folder.resolve("multi-task").toString();
    String adapter = folder.resolve("adapter").toString();
    TestRun.Ended early =
        TestRun.execute("export", "--run", multi, "--task", "colour", "--output", adapter);
    assertThat(early.code()).isEqualTo(3);
    assertThat(early.err()).contains("learns all tasks with the last one");
    TestRun.Ended late =
        TestRun.execute("export", "--run", multi, "--task", "order", "--output", adapter);
    assertThat(late.code()).as(late.err()).isZero();

    TestRun run =
        TestRun.in(folder, TASKS)
            .with("method.name=multi-task", "run.dir=" + folder.resolve("multi-task"))
            .with("train.select=best-dev", "train.dev-every=4");
    TestRun.Ended again = run.with("train.ranks=1").run("run");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(again.matrix()).isEqualTo(ended.matrix());
    TestRun.Ended more =
        TestRun.execute("learn", "--run", folder.resolve("multi-task").toString(), "length");
    assertThat(more.code()).isEqualTo(2);
    assertThat(more.err()).contains("multi-task takes all tasks together", "tasks.order");
    TaskFiles.write(folder.resolve("tasks"), "length", 32);
    TestRun.Ended longer = run.with("tasks.order=[colour,order,length]").run("run");
    assertThat(longer.code()).isEqualTo(3);
    assertThat(longer.err()).contains("01-colour was learnt from other inputs");
  }

  @Test
  void zeroShotAnswersWithWhatTheModelKnows() throws IOException {
    TestRun.Ended ended = run("zero-shot");
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("scores are missing");
    assertThat(marker("zero-shot/tasks/02-order")).contains("\"steps\":0");
    TestRun.Ended answered =
        TestRun.execute(
            "predict",
            "--run",
            folder.resolve("zero-shot").toString(),
            "--input",
            Files.writeString(folder.resolve("in.jsonl"), "{\"input\": \"A red lamp.\"}\n")
                .toString(),
            "--output",
            folder.resolve("out").toString());
    assertThat(answered.code()).as(answered.err()).isZero();
    TestRun.Ended exported =
        TestRun.execute(
            "export",
            "--run",
            folder.resolve("zero-shot").toString(),
            "--task",
            "order",
            "--output",
            folder.resolve("adapter").toString());
    assertThat(exported.code()).isEqualTo(3);
    assertThat(exported.err()).contains("method zero-shot learns nothing");
  }

  private TestRun.Ended run(String method, String... settings) throws IOException {
    TestRun.Ended ended =
        TestRun.in(folder, TASKS)
            .with("method.name=" + method, "run.dir=" + folder.resolve(method))
            .with(settings)
            .run("run");
    assertThat(ended.err()).doesNotContain("unexpected");
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended;
  }

  private String marker(String task) throws IOException {
    return Files.readString(folder.resolve(task).resolve("_DONE")).replaceAll("\\s", "");
  }
}
