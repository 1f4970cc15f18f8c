package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.dapt.adapter.PeftFiles;
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

    // What the run answers with is one adapter, whatever the input.
    Path sum = folder.resolve("sum");
    TestRun.Ended merged =
        TestRun.execute(
            "merge-view", "--run", folder.resolve("o-lora").toString(), "--output", sum.toString());
    assertThat(merged.code()).as(merged.err()).isZero();
    assertThat(merged.out()).contains("1.0000  colour", "1.0000  order");
    assertThat(export("o-lora", "order").code()).isZero();
    assertThat(ranks(sum)).isNotEmpty().isEqualTo(ranks(folder.resolve("adapter-order"), 2));
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

  /** The ranks of an adapter's modules. */
  private static Map<String, Long> ranks(Path adapter) {
    return ranks(adapter, 1);
  }

  private static Map<String, Long> ranks(Path adapter, int times) {
    Map<String, Long> ranks = new TreeMap<>();
    try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve(PeftFiles.WEIGHTS))) {
      file.names().stream()
          .filter(name -> name.endsWith("lora_A.weight"))
          .forEach(name -> ranks.put(name, times * file.info(name).shape()[0]));
    }
    return ranks;
  }

  /** What its gates are is told as weights of blocks are, and no adapter has a place for them. */
  @Test
  void gainLoraWeighsBlocksByGates() throws IOException {
    TestRun.Ended ended = run("gain-lora", "method.options.hidden=8");
    // Gates may all be open: the widest is no choice.
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("Selection accuracy");
    Path file = folder.resolve("gain-lora/tasks/02-order/attention.safetensors");
    assertThat(TestRun.execute("inspect", file.toString()).out())
        .contains("G1 [8, 256]", "G3 [1, 256]", "added [256, ");
    String learnt = folder.resolve("gain-lora").toString();
    String page = folder.resolve("gain-lora.html").toString();
    TestRun.Ended reported = TestRun.execute("report", "--run", learnt, "--html", page);
    assertThat(reported.out()).contains("Mean attention").doesNotContain("Selection accuracy");
    assertThat(Path.of(page))
        .content()
        .contains("id=\"table-attention\"")
        .doesNotContain("table-selection");
    String adapter = folder.resolve("adapter").toString();
    TestRun.Ended refused =
        TestRun.execute("export", "--run", learnt, "--task", "order", "--output", adapter);
    assertThat(refused.code()).isEqualTo(2);
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
    TestRun.Ended unasked =
        TestRun.execute("merge-view", "--run", learnt, "--output", adapter + "-2");
    assertThat(unasked.code()).isEqualTo(2);
    assertThat(unasked.err()).contains("gain-lora mixes", "--input TEXT");
  }

  @Test
  void pfdChoosesBlocksInEveryLayerAndIsNoAdapter() throws IOException {
    TestRun.Ended ended = run("pfd", "method.options.k=2");
    assertThat(ended.out()).contains("after order", "AP", "Selection accuracy");
    try (SafetensorsFile attention =
        SafetensorsFile.open(folder.resolve("pfd/tasks/02-order/attention.safetensors"))) {
      assertThat(attention.names())
          .isNotEmpty()
          .allMatch(name -> name.matches("features\\.encoder\\..*\\.SelfAttention\\.[qv]"));
    }
    String run = folder.resolve("pfd").toString();
    String adapter = folder.resolve("adapter").toString();
    for (TestRun.Ended refused :
        List.of(
            TestRun.execute("export", "--run", run, "--task", "order", "--output", adapter),
            TestRun.execute(
                "merge-view",
                "--run",
                run,
                "--input",
                "x",
                "--task",
                "order",
                "--output",
                adapter))) {
      assertThat(refused.err())
          .contains("method pfd chooses blocks anew in every layer")
          .doesNotContain("\tat ");
      assertThat(refused.code()).isEqualTo(2);
    }
    assertThat(Path.of(adapter)).doesNotExist();
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
  void lfpt5LearnsAgainWhatItsPromptMakesUp() throws IOException {
    String[] settings = {
      "method.options.share=0.5",
      "prompt.learning-rate-factor=5",
      "replay.repetition-penalty=1",
      "replay.max-tokens=24",
      "method.options.lambda-lm=4",
      "train.epochs=20",
      "tasks.overrides.order.epochs=2",
      "train.ranks=1"
    };
    TestRun.Ended ended = run("lfpt5", settings);
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("Selection accuracy");
    // Of the first task, made up before the second one is learnt; none after the last one.
    assertThat(folder.resolve("lfpt5/pseudo/01-colour/generator.safetensors")).doesNotExist();
    assertThat(folder.resolve("lfpt5/pseudo/02-order")).doesNotExist();
    String made = samples("lfpt5/pseudo/01-colour");
    assertThat(made).contains("\"wanted\":16", "\"no_label\":", "\"tasks\":{\"colour\":{");
    assertThat(made).doesNotContain("\"kept\":0");
    assertThat(marker("lfpt5/tasks/02-order")).contains("\"made-up\":");
    String losses = folder.resolve("lfpt5/tasks/02-order/training.parquet").toString();
    assertThat(TestRun.execute("inspect", losses).out()).contains("generator", "divergence");
    TestRun.Ended same = run("lfpt5", settings);
    assertThat(same.err()).doesNotContain("Learnt task").doesNotContain("Made");
    TestRun.Ended early =
        TestRun.execute("train", "--run", folder.resolve("lfpt5").toString(), "length");
    assertThat(early.code()).isEqualTo(3);

    // A slot draws what two did, after a task that is learnt alike.
    Path one = folder.resolve("one");
    run("lfpt5", with(settings, "run.dir=" + one, "spark.master=local[1]", "tasks.order=[colour]"));
    assertThat(TestRun.execute("replay", "--run", one.toString()).code()).isZero();
    assertThat(samples("one/pseudo/01-colour")).isEqualTo(made);
    Path adapter = folder.resolve("adapter");
    TestRun.Ended exported =
        TestRun.execute(
            "export",
            "--run",
            folder.resolve("lfpt5").toString(),
            "--task",
            "order",
            "--output",
            adapter.toString());
    assertThat(exported.code()).as(exported.err()).isZero();
    assertThat(Files.readString(adapter.resolve("adapter_config.json")))
        .contains("PROMPT_TUNING", "\"num_virtual_tokens\" : 10");
  }

  /** What a marker of pseudo samples says of them, but how long they took. */
  private String samples(String of) throws IOException {
    return marker(of).replaceAll(".*\"summary\"|,\"seconds\":[^,}]*", "");
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.of(settings, more).flatMap(Stream::of).toArray(String[]::new);
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

    // A block of one task would count for nothing: the last one learns all of them.
    TestRun.Ended imported =
        TestRun.in(folder, TASKS)
            .with("method.name=multi-task", "run.dir=" + folder.resolve("of-others"))
            .run("import", "--adapter", adapter, "--task", "colour");
    assertThat(imported.code()).isEqualTo(2);
    assertThat(imported.err()).contains("multi-task takes all tasks together");

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
  void l2pShowsWhichPromptsOfThePoolTasksChoose() throws IOException {
    TestRun.Ended ended = run("l2p", "method.options.pool=4", "method.options.top=2");
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("Selection accuracy");
    String learnt = folder.resolve("l2p/tasks/02-order").toString();
    assertThat(TestRun.execute("inspect", learnt + "/training.parquet").out()).contains("pull");
    assertThat(TestRun.execute("inspect", learnt + "/block.safetensors").out())
        .contains("prompts [4, 10, 256]");
    String attention = TestRun.execute("inspect", learnt + "/attention.safetensors").out();
    assertThat(attention).contains("keys [4, 256]", "chosen prompts", "% of the dev inputs");
    assertThat(TestRun.execute("inspect", learnt).out()).contains("% of the dev inputs");
    assertThat(TestRun.execute("inspect", folder.resolve("l2p").toString()).out())
        .containsPattern("01-colour, done.*chosen prompts [0-3]( [0-3])+");
    assertThat(predict("l2p").code()).isZero();
    TestRun.Ended exported = export("l2p", "order");
    assertThat(exported.code()).isEqualTo(2);
    assertThat(exported.err()).contains("the method l2p learns", "no adapter of PEFT", "predict");
  }

  @Test
  void progPromptHandsItsPromptsOutAsChains() throws IOException {
    TestRun.Ended ended = run("prog-prompt", "prompt.length=3");
    assertThat(ended.out()).containsPattern("F.Ra +0\\.00").doesNotContain("Selection accuracy");
    TestRun.Ended unknown = predict("prog-prompt");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("prog-prompt answers only inputs whose task is known");
    TestRun.Ended answered = predict("prog-prompt", "--task", "colour");
    assertThat(answered.code()).as(answered.err()).isZero();
    for (String task : TASKS) {
      TestRun.Ended exported = export("prog-prompt", task);
      assertThat(exported.code()).as(exported.err()).isZero();
    }
    assertThat(Files.readString(folder.resolve("adapter-order/adapter_config.json")))
        .containsPattern("\"num_virtual_tokens\" ?: 6")
        .contains("PROMPT_TUNING");

    TestRun again =
        TestRun.in(folder, TASKS)
            .with("method.name=prog-prompt", "prompt.length=3")
            .with("run.dir=" + folder.resolve("again"));
    TestRun.Ended early = imported(again, "order", "colour");
    assertThat(early.code()).isEqualTo(3);
    assertThat(early.err())
        .contains("holds [6, 256], expected prompt_embeddings of shape [3, 256]");
    for (String task : TASKS) {
      TestRun.Ended imported = imported(again, task, task);
      assertThat(imported.code()).as(imported.err()).isZero();
    }
    TestRun.Ended evaluated = again.run("run");
    assertThat(evaluated.code()).as(evaluated.err()).isZero();
    assertThat(evaluated.matrix()).isEqualTo(ended.matrix());
  }

  @Test
  void zeroShotAnswersWithWhatTheModelKnows() throws IOException {
    TestRun.Ended ended = run("zero-shot");
    assertThat(ended.out()).contains("after order", "AP").doesNotContain("scores are missing");
    assertThat(marker("zero-shot/tasks/02-order")).contains("\"steps\":0");
    TestRun.Ended answered = predict("zero-shot");
    assertThat(answered.code()).as(answered.err()).isZero();
    TestRun.Ended exported = export("zero-shot", "order");
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

  private TestRun.Ended predict(String run, String... more) throws IOException {
    Path inputs = folder.resolve("in.jsonl");
    Files.writeString(inputs, "{\"input\": \"A red lamp.\"}\n");
    Stream<String> fixed =
        Stream.of(
            "predict",
            "--run",
            folder.resolve(run).toString(),
            "--input",
            inputs.toString(),
            "--output",
            folder.resolve("answers-" + run).toString());
    return TestRun.execute(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  private TestRun.Ended export(String run, String task) {
    return TestRun.execute(
        "export",
        "--run",
        folder.resolve(run).toString(),
        "--task",
        task,
        "--output",
        folder.resolve("adapter-" + task).toString());
  }

  private TestRun.Ended imported(TestRun run, String exported, String task) {
    String adapter = folder.resolve("adapter-" + exported).toString();
    return run.run("import", "--adapter", adapter, "--task", task);
  }

  private String marker(String task) throws IOException {
    return Files.readString(folder.resolve(task).resolve("_DONE")).replaceAll("\\s", "");
  }
}
