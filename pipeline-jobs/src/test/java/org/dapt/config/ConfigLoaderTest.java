package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.config.Configs.REQUIRED;
import static org.dapt.config.Configs.write;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.dapt.train.ScheduleShape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigLoaderTest {
  @TempDir private Path folder;

  @Test
  void defaultsAreThoseOfTheReference() {
    var config = Configs.of();

    assertThat(config.run()).isEqualTo(new RunSettings("/runs/a", 42, null));
    assertThat(config.tasks().order()).isEmpty();
    assertThat(config.tasks().holdOut()).isEqualTo(0.1);
    assertThat(config.reflection())
        .isEqualTo(
            new ReflectionSettings(
                ReflectionSource.TRAIN, null, 0.1, ReflectionAverage.PER_TASK, 0.02, 1024));
    assertThat(config.train())
        .isEqualTo(
            new TrainSettings(
                10,
                0,
                3e-4,
                ScheduleShape.CONSTANT,
                0,
                0,
                32,
                4096,
                0,
                "auto",
                Duration.ofMinutes(2),
                0,
                LearntReference.FIRST,
                SelectedParameters.LAST,
                0,
                0,
                500,
                true,
                100,
                false,
                0));
    assertThat(config.checkpoint()).isEqualTo(new CheckpointSettings(0, Duration.ofMinutes(1), 2));
    assertThat(config.evaluate())
        .isEqualTo(
            new EvaluateSettings(
                50,
                8192,
                false,
                EvaluatedSplit.TEST,
                true,
                null,
                null,
                Collections.emptySortedMap()));
    assertThat(config.spark()).isEmpty();
  }

  @Test
  void commandLineGoesBeforeFileAndFileBeforeReference() {
    var config =
        Configs.inFile(
            folder,
            "train { epochs = 3, global-batch = 64 }\nspark.master = \"local[1]\"",
            "train.epochs=4",
            "train.epochs=5",
            "spark.master=local[2]");

    assertThat(config.train().epochs()).isEqualTo(5);
    assertThat(config.train().globalBatch()).isEqualTo(64);
    assertThat(config.train().microBatchTokens()).isEqualTo(4096);
    assertThat(config.spark()).containsOnlyKeys("spark.master").containsValue("local[2]");
  }

  @Test
  void systemPropertiesAreNotRead() {
    System.setProperty("train.epochs", "77");
    try {
      com.typesafe.config.ConfigFactory.invalidateCaches();
      assertThat(Configs.of().train().epochs()).isEqualTo(10);
    } finally {
      System.clearProperty("train.epochs");
      com.typesafe.config.ConfigFactory.invalidateCaches();
    }
  }

  @Test
  void anApplicationConfOnTheClassPathIsNotRead() {
    assertThat(ConfigLoaderTest.class.getResource("/application.conf")).isNotNull();

    assertThat(Configs.of().train().epochs()).isEqualTo(10);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[a,b]",
        "a,b",
        "[\"a\", \"b\"]",
        "`a , b`",
      })
  void aListOfTheCommandLineNeedsNoBrackets(String list) {
    assertThat(Configs.of("tasks.order=" + list).tasks().order()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"001", "1e3", "0x10", "1.50", "true", "2024-01-01", "a%20b", "Größe"})
  void namesOfTasksKeepTheirSpelling(String name) {
    assertThat(Configs.of("tasks.order=" + name).tasks().order()).containsExactly(name);
    assertThat(Configs.of("tasks.order=[b," + name + "]").tasks().order())
        .containsExactly("b", name);
    assertThat(Configs.of("tasks.order=[\"" + name + "\"]").tasks().order()).containsExactly(name);
    var config = Configs.of("tasks={root=t,order=[" + name + "]}");
    assertThat(config.tasks().order()).containsExactly(name);
    assertThat(ConfigLoader.parse(config.effective(), "stored", List.of()).tasks().order())
        .containsExactly(name);
  }

  @Test
  void anEmptyListIsNoTask() {
    assertThat(Configs.of("tasks.order=").tasks().order()).isEmpty();
    assertThat(Configs.of("tasks.order=[]").tasks().order()).isEmpty();
  }

  @Test
  void textsOfTheCommandLineAreTakenLiterally() {
    var config =
        Configs.of(
            "run.dir=hdfs://name:8020/runs/a#1",
            "tasks.template={definition}: {input} = ",
            "spark.executor.extraJavaOptions=-Da=b -Dc=\"d e\"",
            "spark.empty=");

    assertThat(config.run().dir()).isEqualTo("hdfs://name:8020/runs/a#1");
    assertThat(config.tasks().template()).isEqualTo("{definition}: {input} = ");
    assertThat(config.spark())
        .containsEntry("spark.executor.extraJavaOptions", "-Da=b -Dc=\"d e\"")
        .containsEntry("spark.empty", "");
  }

  @Test
  void quotedTextsOfTheCommandLineAreUnquoted() {
    var config = Configs.of("tasks.template=\"{input}\\n\"", "spark.app.name=\"a \\\"b\\\"\"");

    assertThat(config.tasks().template()).isEqualTo("{input}\n");
    assertThat(config.spark()).containsEntry("spark.app.name", "a \"b\"");
  }

  @Test
  void nullOnTheCommandLineUnsets() {
    var config =
        Configs.inFile(
            folder,
            "evaluate.single-task-run = /runs/b, spark.ui.port = 4050",
            "evaluate.single-task-run=null",
            "spark.ui.port=null");

    assertThat(config.evaluate().singleTaskRun()).isNull();
    assertThat(config.spark()).isEmpty();
  }

  @Test
  void numbersMayBeWrittenInAnyWay() {
    var train =
        Configs.inFile(
                folder,
                "train { epochs = \"7\", learning-rate = 1e-3 }",
                "train.global-batch=1.6e1")
            .train();

    assertThat(train.epochs()).isEqualTo(7);
    assertThat(train.learningRate()).isEqualTo(0.001);
    assertThat(train.globalBatch()).isEqualTo(16);
  }

  @Test
  void environmentVariablesAndOtherKeysAreSubstituted() {
    var config =
        Configs.inFile(
            folder,
            """
            train.epochs = 6
            train.epochs = ${?DAPT_TEST_EPOCHS}
            attention.hidden = 9
            attention.hidden = ${?DAPT_TEST_IS_NOT_SET}
            evaluate.single-task-run = ${run.dir}/alone
            """,
            "run.dir=hdfs://n/a");

    assertThat(System.getenv("DAPT_TEST_EPOCHS")).isEqualTo("8");
    assertThat(config.train().epochs()).isEqualTo(8);
    assertThat(config.attention().hidden()).isEqualTo(9);
    assertThat(config.evaluate().singleTaskRun()).isEqualTo("hdfs://n/a/alone");
  }

  @Test
  void sparkKeysAreFlattenedToTexts() {
    var config =
        Configs.inFile(
            folder,
            """
            spark {
              executor { memory = 2g, cores = 4 }
              "speculation" = true
              "speculation.interval" = 100ms
              memory.fraction = 0.60
              jars = [a.jar, b.jar]
              off = null
            }
            spark.ui.enabled = false
            """);

    assertThat(config.spark())
        .containsOnly(
            java.util.Map.entry("spark.executor.memory", "2g"),
            java.util.Map.entry("spark.executor.cores", "4"),
            java.util.Map.entry("spark.speculation", "true"),
            java.util.Map.entry("spark.speculation.interval", "100ms"),
            java.util.Map.entry("spark.memory.fraction", "0.60"),
            java.util.Map.entry("spark.jars", "a.jar,b.jar"),
            java.util.Map.entry("spark.ui.enabled", "false"));
  }

  @Test
  void aSparkKeyMayBeTheBeginningOfAnother() {
    var config =
        Configs.inFile(folder, "spark.speculation.interval = 1s", "spark.speculation=true");

    assertThat(config.spark())
        .containsEntry("spark.speculation", "true")
        .containsEntry("spark.speculation.interval", "1s");
  }

  @Test
  void pathsOfAFileAreRelativeToIt() throws Exception {
    var conf = Files.createDirectories(folder.resolve("conf"));
    var file =
        write(
            conf,
            "dapt.conf",
            """
            run.dir = ../runs/a
            model.path = "models/t5/"
            tasks.root = "s3a://bucket/tasks/../x"
            reflection { source = given, given = ./given }
            evaluate.single-task-run = /runs/alone
            """);

    var config = ConfigLoader.load(file, List.of());

    assertThat(config.run().dir()).isEqualTo(folder.resolve("runs/a").toString());
    assertThat(config.model().path()).isEqualTo(conf.resolve("models/t5").toString());
    assertThat(config.tasks().root()).isEqualTo("s3a://bucket/tasks/../x");
    assertThat(config.reflection().given()).isEqualTo(conf.resolve("given").toString());
    assertThat(config.evaluate().singleTaskRun()).isEqualTo("/runs/alone");
  }

  @Test
  void pathsOfAFileThatIsNamedRelativelyAreAbsolute() {
    var file = write(folder, "dapt.conf", "run.dir = a, model.path = b, tasks.root = c");
    var relative = Path.of("").toAbsolutePath().relativize(file);

    assertThat(ConfigLoader.load(relative, List.of()).run().dir())
        .isEqualTo(folder.resolve("a").toString());
  }

  @Test
  void pathsOfTheCommandLineAreRelativeToTheWorkingDirectory() {
    var here = Path.of("").toAbsolutePath();

    var config = Configs.inFile(folder, "run.dir = b", "run.dir=a", "tasks.root=../t");

    assertThat(config.run().dir()).isEqualTo(here.resolve("a").toString());
    assertThat(config.tasks().root()).isEqualTo(here.resolveSibling("t").toString());
  }

  @Test
  void anIncludedFileIsRelativeToTheOneThatNamesItAndItsPathsToItself() throws Exception {
    var base = Files.createDirectories(folder.resolve("base"));
    write(base, "quickstart.conf", "model.path = t5, tasks.root = tasks, train.epochs = 3");
    var file =
        write(
            folder,
            "dapt.conf",
            "include \"base/quickstart.conf\"\nrun.dir = a\ntasks.root = mine");

    var config = ConfigLoader.load(file, List.of());

    assertThat(config.train().epochs()).isEqualTo(3);
    assertThat(config.model().path()).isEqualTo(base.resolve("t5").toString());
    assertThat(config.run().dir()).isEqualTo(folder.resolve("a").toString());
    assertThat(config.tasks().root()).isEqualTo(folder.resolve("mine").toString());
  }

  @Test
  void aTextIsReadLikeAFile() {
    var config =
        ConfigLoader.parse(
            "train.epochs = 3, lora.r = 2", "config.conf", Configs.with("train.epochs=4"));

    assertThat(config.train().epochs()).isEqualTo(4);
    assertThat(config.lora().r()).isEqualTo(2);
    assertThat(REQUIRED).contains("run.dir=" + config.run().dir());
  }
}
