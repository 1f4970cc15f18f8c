package org.dapt.init;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.spark.sql.SaveMode;
import org.dapt.app.DryRun;
import org.dapt.app.TestRun;
import org.dapt.config.ConfigLoader;
import org.dapt.config.DaptConfig;
import org.dapt.data.prepare.LeftOutRows;
import org.dapt.data.prepare.TaskSample;
import org.dapt.data.reader.Split;
import org.dapt.gang.TestSpark;
import org.dapt.metric.AnswerMetric;
import org.dapt.tokenizer.TokenRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A user's own data become a configuration that works. */
class InitTest {
  private static final List<String> TASKS = List.of("colour", "size", "taste");

  @TempDir private Path folder;

  @Test
  void oneFileOfThreeTasksGoesToAReportWithThreeCommands() throws IOException {
    // As in the guide, with splits in the rows but no dev; and a line that is none.
    var lines = new ArrayList<>(rows(TASKS, 24).lines().toList());
    for (var i = 0; i < lines.size(); i++) {
      lines.set(
          i,
          lines.get(i).replace("}", ", \"split\": \"%s\"}".formatted(i < 54 ? "train" : "test")));
    }
    var data =
        Files.writeString(folder.resolve("mine.jsonl"), String.join("\n", lines) + "\noops\n");
    var made = init(data);
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out())
        .contains(
            "3 tasks, format jsonl, fields input = text, output = label, task = task, split ="
                + " split")
        .contains("Tasks: colour, size, taste", "Model: ", "metric exact-match, inputs of at most")
        .contains("run --config " + file())
        .contains("report --run " + folder.resolve("new/run"))
        .contains("--interactive");
    assertThat(Files.readString(file()))
        .contains("# 1 row cannot be used", "#   input = text, output = label, task = task");
    var config = config();
    // By these names, inputs that are to be answered are read, too.
    assertThat(config.tasks().fields()).isEqualTo(Map.of("input", "text", "output", "label"));
    assertThat(config.tasks().metric()).isEqualTo(AnswerMetric.EXACT_MATCH);
    assertThat(config.tasks().order()).containsExactlyElementsOf(TASKS);
    assertThat(config.tasks().maxSourceTokens()).isBetween(16, 40);
    assertThat(config.tasks().maxTargetTokens()).isBetween(4, 8);
    assertThat(config.train().globalBatch() % config.tasks().shards()).isZero();
    var ended =
        TestRun.execute(
            "run",
            "--config",
            file().toString(),
            "-D",
            "train.epochs=1",
            "-D",
            "spark.master=local[2]",
            "-D",
            "spark.ui.enabled=false");
    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.out()).contains("colour", "size", "taste");
    var report =
        TestRun.execute(
            "report",
            "--run",
            folder.resolve("new/run").toString(),
            "--html",
            folder.resolve("new/report.html").toString());
    assertThat(report.code()).as(report.err()).isZero();
    assertThat(folder.resolve("new/report.html")).exists();

    // A task that joins later may have settings of its own.
    Files.writeString(
        data,
        lines.stream()
            .filter(line -> line.contains("\"size\""))
            .map(line -> line.replace("\"size\"", "\"later\""))
            .collect(Collectors.joining("\n")),
        StandardOpenOption.APPEND);
    assertThat(learn("later").code()).isZero();
    var unknown = learn("latter");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err())
        .contains("latter, which is no task", "there are colour, size, taste, later");
  }

  private TestRun.Ended learn(String task) {
    return TestRun.execute(
        "learn",
        "--run",
        folder.resolve("new/run").toString(),
        "--dry-run",
        "later",
        "-D",
        "tasks.overrides." + task + ".epochs=1");
  }

  @ParameterizedTest
  @CsvSource({"jsonl,jsonl", "json,jsonl", "csv,csv", "parquet,parquet", "hub,parquet"})
  void folderAndFormatAreFound(String kind, String format) throws IOException {
    var data = Files.createDirectories(folder.resolve("data"));
    for (var task : TASKS) {
      write(data, task, kind);
    }
    var made = init(data);
    assertThat(made.code()).as(made.err()).isZero();
    var config = config();
    assertThat(config.tasks().format()).isEqualTo(format);
    assertThat(config.tasks().order()).containsExactlyElementsOf(TASKS);
    assertThat(new DryRun(config).run()).isNotEmpty();
  }

  private static void write(Path data, String task, String kind) throws IOException {
    var lines = rows(List.of(task), 12);
    switch (kind) {
      case "jsonl" -> Files.writeString(data.resolve(task + ".jsonl"), lines);
      case "json" -> {
        Files.createDirectories(data.resolve(task));
        var list = "[" + lines.strip().replace("\n", ",\n") + "]";
        Files.writeString(data.resolve(task).resolve("train.json"), list);
        Files.writeString(data.resolve(task).resolve("test.json"), list);
      }
      case "csv" ->
          Files.writeString(
              data.resolve(task + ".csv"),
              IntStream.range(0, 12)
                  .mapToObj(i -> "\"%s, %d\",l%d\n".formatted(task, i, i % 2))
                  .collect(Collectors.joining("", "text,label\n", "")));
      default -> {
        var file = Files.writeString(data.resolveSibling(task + ".jsonl"), lines);
        var rows = TestSpark.session().read().json(file.toString()).drop("task");
        var target = kind.equals("hub") ? data.resolve(task).resolve("data") : data.resolve(task);
        rows.coalesce(1).write().mode(SaveMode.Overwrite).parquet(target.toString());
        try (var written = Files.list(target)) {
          for (var one : written.toList()) {
            if (one.toString().endsWith(".parquet") && kind.equals("hub")) {
              Files.move(one, target.resolve("train-00000-of-00001.parquet"));
            }
          }
        }
      }
    }
  }

  @Test
  void freeTextAndBadRowsAreSeen() throws IOException {
    var text =
        IntStream.range(0, 40)
            .mapToObj(
                i ->
                    "{\"instruction\": \"Tell of %d.\", \"output\": \"A story of the number %d and its %d friends, who went on\"}\n"
                        .formatted(i, i, i + 1))
            .collect(Collectors.joining());
    var data = Files.writeString(folder.resolve("stories.jsonl"), text + "{\"output\": \"x\"}\n");
    var made = init(data);
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(Files.readString(file()))
        .contains(
            "bad-rows = skip", "# 1 row cannot be used", "metric = rouge-l\n", "format = alpaca");
    var config = config();
    assertThat(config.tasks().order()).containsExactly("stories");
    assertThat(config.tasks().template()).isEqualTo("super-ni");
    assertThat(new DryRun(config).run()).isNotEmpty();
  }

  @Test
  void aFieldThatItsNameDoesNotTellIsAskedForAndStated() throws IOException {
    var data =
        Files.writeString(
            folder.resolve("t.jsonl"),
            IntStream.range(0, 9)
                .mapToObj(i -> "{\"q\": \"text %d\", \"label\": \"%d\"}\n".formatted(i, i % 2))
                .collect(Collectors.joining()));
    assertThat(init(data).code()).isEqualTo(3);
    assertThat(init(data).err()).contains("there are label, q", "tasks.fields.input");
    assertThat(folder.resolve("new")).doesNotExist();
    assertThat(init(data, "--field", "inptu=q").err()).contains("the nearest is input");
    assertThat(init(data, "--field", "input=q").code()).isZero();
    assertThat(config().tasks().fields()).containsEntry("input", "q");
  }

  @Test
  void tasksMayHaveOtherFields() throws IOException {
    var data = Files.createDirectories(folder.resolve("data"));
    Files.writeString(
        data.resolve("qa.jsonl"),
        rows(List.of("qa"), 12).replace("text", "question").replace("label", "answer"));
    Files.writeString(data.resolve("reviews.jsonl"), rows(List.of("reviews"), 12));
    // As Spark writes it: one table, not a task each.
    Files.createDirectories(data.resolve("spark"));
    for (var part : List.of("part-00000-x.json", "part-00001-x.json")) {
      Files.writeString(data.resolve("spark").resolve(part), rows(List.of("spark"), 6));
    }
    var made = init(data);
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(made.out()).contains("fields that differ by task");
    assertThat(Files.readString(file()))
        .contains("#   input = question, output = answer, task = task (qa)")
        .contains("#   input = text, output = label, task = task (reviews, spark)");
    assertThat(config().tasks().fields()).isEmpty();
    assertThat(new DryRun(config()).run()).isNotEmpty();
    assertThat(init(data.resolve("spark"), "--field", "task=").code()).isEqualTo(2);
    Files.delete(file());
    assertThat(init(data.resolve("spark"), "--field", "task=").code()).isZero();
    assertThat(config().tasks().order()).containsExactly("spark");
    assertThat(config().tasks().fields()).containsEntry("task", "");
    assertThat(new DryRun(config()).run()).isNotEmpty();
  }

  @Test
  void conversationsAreListsOfMessages() throws IOException {
    var text = "{\"conversation\": \"A: hi\\nB: go %d\", \"summary\": \"went\"}\n";
    var data =
        Files.writeString(
            folder.resolve("t.jsonl"),
            IntStream.range(0, 9).mapToObj(text::formatted).collect(Collectors.joining()));
    assertThat(init(data).err()).contains("Name it by tasks.fields.input");
    var made = init(data, "--field", "input=conversation");
    assertThat(made.code()).as(made.err()).isZero();
    assertThat(config().tasks().format()).isEqualTo("jsonl");
    Files.delete(file());
    var chat =
        "{\"Messages\": [{\"role\": \"user\", \"content\": \"%d\"}, {\"role\": \"assistant\","
            + " \"content\": \"x\"}]}\n";
    Files.writeString(
        data, IntStream.range(0, 9).mapToObj(chat::formatted).collect(Collectors.joining()));
    assertThat(init(data).err())
        .contains("has conversations", "name a model that was made to chat by --model")
        .doesNotContain("{input}");
  }

  @ParameterizedTest
  @CsvSource({
    "4096,60,4100,2048,64,true",
    "2048,3000,2100,1024,1024,true",
    "2048,50,2100,1992,56,true",
    "2048,50,100,100,56,false",
    "0,3000,2100,2048,2048,true"
  })
  void inputAndAnswerFitTheModelTogether(
      int positions, int source, int target, int maxTarget, int maxSource, boolean bounded) {
    var sources = new Lengths();
    var targets = new Lengths();
    sources.add(source);
    targets.add(target);
    var sample =
        new TaskSample(
            Map.of(Split.TRAIN, 9L), new LeftOutRows(0, new TreeMap<>()), "", null, List.of());
    var survey =
        new Survey(
            new TreeMap<>(),
            "{input}",
            Map.of("t", sample),
            sources,
            targets,
            AnswerMetric.ROUGE_L);
    var proposal = Proposal.of(new TokenRules(List.of(1), false, 9, positions), survey);
    assertThat(proposal.maxTargetTokens()).isEqualTo(maxTarget);
    assertThat(proposal.maxSourceTokens()).isEqualTo(maxSource);
    assertThat(proposal.bounded()).isEqualTo(bounded);
    assertThat(proposal.cutTargets()).isEqualTo(maxTarget < target ? 1 : 0);
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    var data = Files.writeString(folder.resolve("t.jsonl"), rows(List.of("t"), 9));
    assertThat(init(data).code()).isZero();
    Files.writeString(file(), "# mine\n");
    var again = init(data);
    assertThat(again.code()).isEqualTo(2);
    assertThat(again.err()).contains("exists already, and is left as it is");
    assertThat(Files.readString(file())).isEqualTo("# mine\n");
  }

  @Test
  void whatCannotBeLearntIsNamed() throws IOException {
    assertThat(init(folder.resolve("none")).err()).contains("none does not exist: correct --from");
    var mixed = Files.createDirectories(folder.resolve("mixed"));
    Files.writeString(mixed.resolve("a.csv"), "text,label\n");
    Files.writeString(mixed.resolve("a.jsonl"), "{}\n");
    assertThat(init(mixed).err()).contains("has files of several formats (csv, jsonl)");
    var empty = Files.createDirectories(folder.resolve("empty"));
    Files.writeString(empty.resolve("notes.txt"), "x");
    assertThat(init(empty).err()).contains("there is notes.txt");
    var deep = folder.resolve("corpus/nlp/sentiment/train.csv");
    Files.createDirectories(deep.getParent());
    Files.writeString(deep, "text,label\na,b\n");
    assertThat(init(folder.resolve("corpus")).err())
        .contains("corpus has no task that can be trained")
        .contains("sentiment/train.csv. Give by --from the folder of the tasks");
    var two = Files.writeString(folder.resolve("two.jsonl"), rows(List.of("t"), 2));
    assertThat(init(two).err()).contains("expected at least 2");
    var flat =
        Files.writeString(
            folder.resolve("flat.json"), "{\"Definition\": \"d\", \"Instances\": []}");
    assertThat(init(flat).err()).contains("is one file with a Definition and Instances");
    assertThat(init(two, "--model", folder.resolve("none").toString()).code()).isEqualTo(3);
  }

  private Path file() {
    return folder.resolve("new/dapt.conf");
  }

  private DaptConfig config() {
    return ConfigLoader.load(file(), List.of());
  }

  private TestRun.Ended init(Path data, String... more) {
    var all =
        new java.util.ArrayList<>(
            List.of("init", folder.resolve("new").toString(), "--from", data.toString()));
    all.addAll(List.of(more));
    return TestRun.execute(all.toArray(new String[0]));
  }

  private static String rows(List<String> tasks, int each) {
    return IntStream.range(0, each)
        .boxed()
        .flatMap(
            i ->
                tasks.stream()
                    .map(
                        task ->
                            "{\"text\": \"the %s of number %d\", \"label\": \"%s %d\", \"task\": \"%s\"}\n"
                                .formatted(task, i, task, i % 2, task)))
        .collect(Collectors.joining());
  }
}
