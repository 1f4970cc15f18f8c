package org.dapt.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.config.Configs.failure;
import static org.dapt.config.Configs.inFile;
import static org.dapt.config.Configs.write;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.config.key.Choices;
import org.dapt.metric.AnswerMetric;
import org.dapt.tensor.ComputeType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigProblemsTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "run.seed = 1.5 | 1.5 | a whole number of 64 bits",
        "run.seed = 9223372036854775808 | \"9223372036854775808\" | a whole number of 64 bits",
        "run.dir = \"\" | \"\" | a path or a URI",
        "run.dir = ~/runs | \"~/runs\" | ~ is not replaced by the home directory",
        "run.dir = [a] | [\"a\"] | a path or a URI",
        "model.dtype = float16 | \"float16\" | one of float32, bfloat16, float64, auto; the nearest is"
            + " bfloat16",
        "tasks.order = {a = b} | a section | a list of task names",
        "tasks.order = [[a]] | [[\"a\"]] | a list of task names",
        "tasks.order = null | null | a list of task names",
        "tasks.format = super-n | \"super-n\" | one of alpaca, chat, csv, jsonl, long-sequence, parquet, super-ni; the nearest is"
            + " super-ni",
        "tasks.template = \"Input: \" | \"Input: \" | the places {definition} and {input}",
        "tasks.metric = rouge | \"rouge\" | one of rouge-l, rouge-l-unicode, exact-match; the"
            + " nearest is rouge-l",
        "tasks.max-source-tokens = 0 | 0 | a whole number from 1 to 2147483647",
        "tasks.max-target-tokens = 2147483648 | 2147483648 | a whole number from 1 to 2147483647",
        "tasks.shards = -8 | -8 | a whole number from 1 to 2147483647",
        "tasks.hold-out = 0 | 0 | a number above 0 and below 1",
        "tasks.hold-out = 1.0 | 1.0 | a number above 0 and below 1",
        "tasks.split-seed = x | \"x\" | a whole number of 64 bits",
        "method.name = dapt-lore | \"dapt-lore\" | one of dapt-lora, dapt-prompt, ",
        "lora.r = 2.5 | 2.5 | a whole number from 1 to 2147483647",
        "lora.r = null | null | a whole number from 1 to 2147483647",
        "lora.alpha = 0 | 0 | a number above 0",
        "lora.alpha = 1e999 | 1e999 | a number above 0",
        "lora.alpha = NaN | \"NaN\" | a number above 0",
        "prompt.length = 0 | 0 | a whole number from 1 to 2147483647",
        "attention.hidden = true | true | a whole number from 1 to 2147483647",
        "attention.temperature = -1 | -1 | a number above 0",
        "attention.initial-key = mean | \"mean\" | one of fitted, uniform",
        "prompt.learning-rate-factor = -1 | -1 | a number of at least 0",
        "attention.own-share = 1 | 1 | a number of at least 0, below 1",
        "attention.learning-rate-factor = 0 | 0 | a number above 0",
        "reflection.source = invented | \"invented\" | one of none, train, given, generated",
        "replay.dropout = 1 | 1 | a number of at least 0 and below 1",
        "replay.repetition-penalty = 0.5 | 0.5 | a number of at least 1",
        "reflection.lambda = -0.1 | -0.1 | a number of at least 0",
        "reflection.share = 0 | 0 | a number above 0 and at most 1",
        "reflection.share = 1.01 | 1.01 | a number above 0 and at most 1",
        "reflection.max-samples = 0 | 0 | a whole number from 1 to 2147483647",
        "train.epochs = ten | \"ten\" | a whole number from 1 to 2147483647",
        "train.epochs.first = 1 | a section | a whole number from 1 to 2147483647",
        "train.learning-rate = 0 | 0 | a number above 0",
        "train.global-batch = 0 | 0 | a whole number from 1 to 2147483647",
        "train.micro-batch-tokens = [] | [] | a whole number from 1 to 2147483647",
        "train.ranks = -1 | -1 | a whole number from 0 to 2147483647",
        "method.name = dapt | \"dapt\" | seq-lora, single-task, zero-shot; the nearest is dapt-lora",
        "train.exchange = glow | \"glow\" | one of auto, gloo, local, spark; the nearest is gloo",
        "train.exchange-timeout = 120 | 120 | a duration above 0 with its unit, 120s for example",
        "train.exchange-timeout = 0s | \"0s\" | a duration above 0 with its unit, 120s for example",
        "train.exchange-timeout = 1 light-year | \"1 light-year\" | a duration above 0",
        "train.exchange-timeout = \"\" | \"\" | a duration above 0",
        "train.max-gradient-norm = -1 | -1 | a number of at least 0",
        "model.device = gpu | \"gpu\" | one of auto, cpu, cuda",
        "train.verify-frozen = maybe | \"maybe\" | true or false",
        "train.recompute = 1 | 1 | true or false",
        "train.verify-ranks-every = -1 | -1 | a whole number from 0 to 2147483647",
        "evaluate.max-new-tokens = 0 | 0 | a whole number from 1 to 2147483647",
        "evaluate.batch-tokens = 0 | 0 | a whole number from 1 to 2147483647",
        "evaluate.single-task-run = \" \" | \" \" | a path or a URI",
      })
  void aWrongValueIsToldWithItsKeyPlaceAndWhatIsExpected(
      String line, String found, String expected) {
    var key = line.replaceFirst("\\.first", "").split(" ", 2)[0];
    var file = write(folder, "dapt.conf", "# first line\n" + line);
    var others = Configs.REQUIRED.stream().filter(o -> !o.startsWith(key + "=")).toList();

    assertThat(failure(() -> ConfigLoader.load(file, others)))
        .startsWith("%s is %s (%s:2), expected ".formatted(key, found, file))
        .contains(expected)
        .doesNotContain("\n");
  }

  @Test
  void aWrongValueOfTheCommandLineIsToldWithItsOrigin() {
    assertThat(failure(() -> Configs.of("train.epochs=0")))
        .isEqualTo("train.epochs is \"0\" (-D), expected a whole number from 1 to 2147483647.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tasks.fields.input=q | tasks.fields is stated, but files of the format super-ni have their own",
        "tasks.bad-rows=skip | expected fail, because files of the format super-ni have no rows",
        "tasks.format=chat | expected chat, because tasks.format is chat",
        "tasks.fields.inptu=q | tasks.fields.inptu is not a key (-D); the nearest known key is tasks.fields.input",
        "tasks.fields=q | tasks.fields is a value (-D), expected a section",
        "tasks.fields.input=[q] | expected the name of a field",
        "evaluate.categories=q | evaluate.categories is a value (-D), expected a section",
        "evaluate.categories.a=[q] | evaluate.categories.a is [\"q\"] (-D), expected a text",
        "evaluate.categories.a= | evaluate.categories.a is \"\" (-D), expected a text",
        "evaluate.unseen=~/x | evaluate.unseen is \"~/x\" (-D), expected a path",
      })
  void fieldsAndFormatsOfRowsMustFit(String override, String message) {
    assertThat(failure(() -> Configs.of(override))).contains(message);
  }

  @Test
  void choicesAreWrittenAsTheyAreElsewhere() {
    assertThat(Choices.texts(ComputeType.class))
        .containsExactlyElementsOf(Stream.of(ComputeType.values()).map(ComputeType::key).toList());
    assertThat(Choices.texts(AnswerMetric.class))
        .containsExactlyElementsOf(
            Stream.of(AnswerMetric.values()).map(AnswerMetric::text).toList());
  }

  @Test
  void requiredKeysAreToldWhereNothingIsSet() {
    assertThat(failure(() -> ConfigLoader.load(null, List.of())))
        .startsWith("The configuration has 3 problems:\n")
        .contains("run.dir is not set")
        .contains("model.path is not set")
        .contains("tasks.root is not set")
        .contains("-D tasks.root=");
  }

  @ParameterizedTest
  @CsvSource({
    "train.epoch = 3, train.epoch, train.epochs",
    "trian { epochs = 3 }, trian.epochs, train.epochs",
    "epochs = 3, epochs, train.epochs",
    "learning-rate = 3, learning-rate, train.learning-rate",
    "train.learning_rate = 3, train.learning_rate, train.learning-rate",
    "reflexion {}, reflexion, reflection",
    "sparc.master = local, sparc.master, spark.master",
  })
  void anUnknownKeyIsToldWithItsPlaceAndTheNearestKey(String line, String key, String nearest) {
    assertThat(failure(() -> inFile(folder, "\n\n" + line)))
        .isEqualTo(
            "%s is not a key (%s:3); the nearest known key is %s."
                .formatted(key, folder.resolve("dapt.conf"), nearest));
  }

  @Test
  void anUnknownKeyOfTheCommandLineIsTold() {
    assertThat(failure(() -> Configs.of("train.epoch=3")))
        .isEqualTo("train.epoch is not a key (-D); the nearest known key is train.epochs.");
  }

  @Test
  void aValueInThePlaceOfASectionIsToldOnce() {
    assertThat(failure(() -> inFile(folder, "lora = 8\nspark = local")))
        .isEqualTo(
            """
            The configuration has 2 problems:
              lora is a value (%1$s:1), expected a section: state its keys, as in lora.alpha.
              spark is a value (%1$s:2), expected a section: state its keys, as in spark.master.\
            """
                .formatted(folder.resolve("dapt.conf")));
  }

  @Test
  void allProblemsAreToldAtOnceWithALineEach() {
    var failure =
        failure(
            () ->
                inFile(
                    folder,
                    "train.epochs = 0, lora.rr = 2\ntasks.template = \"two\\nlines\"",
                    "nothing",
                    "lora.r=x",
                    "tasks.order=[a"));

    assertThat(failure).startsWith("The configuration has 6 problems:\n");
    assertThat(failure.lines().skip(1))
        .hasSize(6)
        .allMatch(line -> line.startsWith("  "))
        .anyMatch(line -> line.contains("train.epochs is 0"))
        .anyMatch(line -> line.contains("lora.rr is not a key"))
        .anyMatch(line -> line.contains("tasks.template is \"two\\nlines\""))
        .anyMatch(line -> line.contains("-D nothing"))
        .anyMatch(line -> line.contains("lora.r is \"x\" (-D)"))
        .anyMatch(line -> line.contains("-D tasks.order=[a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"nothing", "=3", "", "tasks.order=[a", "run.dir=\"a", "a..b=3", "lora.r={"})
  void anUnreadableOverrideIsToldByItsText(String override) {
    assertThat(failure(() -> Configs.of(override))).startsWith("-D " + override + " ");
  }

  @Test
  void theValueOfAnUnreadableSecretIsNotTold() {
    assertThat(failure(() -> Configs.of("spark.authenticate.secret=\"hidden")))
        .contains("spark.authenticate.secret=***")
        .doesNotContain("hidden");
  }

  @Test
  void shardsMustDivideTheGlobalBatch() {
    assertThat(failure(() -> inFile(folder, "tasks.shards = 6\ntrain.global-batch = 32")))
        .startsWith(
            "train.global-batch is 32 (%s:2), expected a multiple of tasks.shards, which is 6"
                .formatted(folder.resolve("dapt.conf")));
  }

  @Test
  void thereAreNoMoreRanksThanShards() {
    assertThat(failure(() -> Configs.of("train.ranks=9")))
        .startsWith("train.ranks is \"9\" (-D), expected at most tasks.shards, which is 8");
    assertThat(Configs.of("train.ranks=8").train().ranks()).isEqualTo(8);
  }

  @Test
  void givenSamplesAreNamedIfAndOnlyIfTheyAreTheSource() {
    assertThat(failure(() -> Configs.of("reflection.source=given")))
        .startsWith("reflection.given is null (reference.conf:")
        .contains("because reflection.source is given");
    assertThat(failure(() -> Configs.of("reflection.given=/g", "reflection.source=train")))
        .startsWith("reflection.given is \"/g\" (-D), expected null")
        .contains("reflection.source is train");
    assertThat(Configs.of("reflection.given=/g", "reflection.source=given").reflection().given())
        .isEqualTo("/g");
  }

  @Test
  void conditionsBetweenKeysAreNotToldOfWrongKeys() {
    assertThat(failure(() -> Configs.of("tasks.shards=x", "train.ranks=9")))
        .startsWith("tasks.shards is")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a/b", "..", ".hidden", "_a", "", "a:b"})
  void aTaskNameMustBeThatOfAFolder(String name) {
    assertThat(failure(() -> inFile(folder, "tasks.order = [good, \"%s\"]".formatted(name))))
        .startsWith(
            "tasks.order has the name '%s' (%s:1), expected names of folders"
                .formatted(name, folder.resolve("dapt.conf")));
  }

  @Test
  void aTaskIsNotNamedTwice() {
    assertThat(failure(() -> Configs.of("tasks.order=a,b,a")))
        .isEqualTo("tasks.order has the name 'a' twice (-D), expected each task once.");
  }

  @Test
  void aSyntaxErrorIsToldWithFileAndLine() {
    assertThat(failure(() -> inFile(folder, "train {\n  epochs = 3\n")))
        .startsWith(folder.resolve("dapt.conf") + ":")
        .containsPattern("dapt.conf:[23]: ");
    assertThat(failure(() -> inFile(folder, "lora.r = 2\nlora.alpha = ]\n")))
        .startsWith(folder.resolve("dapt.conf") + ":2: ");
    assertThat(failure(() -> ConfigLoader.parse("a = ]", "runs/a/config.conf", Configs.with())))
        .startsWith("runs/a/config.conf:1: ");
  }

  @Test
  void aSubstitutionWithoutValueIsToldWithFileAndLine() {
    assertThat(failure(() -> inFile(folder, "\nlora.r = ${NO_SUCH_VARIABLE}")))
        .startsWith(folder.resolve("dapt.conf") + ":2: ")
        .contains("${NO_SUCH_VARIABLE}");
  }

  @Test
  void aMissingFileAFolderAndAMissingIncludeAreTold() throws Exception {
    var folderAsFile = Files.createDirectory(folder.resolve("d.conf"));
    assertThat(failure(() -> ConfigLoader.load(folder.resolve("no.conf"), Configs.with())))
        .contains(folder.resolve("no.conf") + " does not exist");
    assertThat(failure(() -> ConfigLoader.load(folderAsFile, Configs.with())))
        .contains(folderAsFile + " is not a file");
    assertThat(failure(() -> inFile(folder, "include \"quikstart.conf\"")))
        .startsWith(folder.resolve("dapt.conf") + ", or a file that it includes, includes")
        .contains("\"quikstart.conf\"");
    assertThat(failure(() -> inFile(folder, "include file(\"quikstart.conf\")")))
        .startsWith(folder.resolve("dapt.conf") + ", or a file that it includes, includes")
        .contains("\"quikstart.conf\"");
    assertThat(failure(() -> inFile(folder, "include \"dapt.conf\"")))
        .startsWith(folder.resolve("dapt.conf") + ": ")
        .contains("cycle")
        .hasSizeLessThan(300);
  }

  @Test
  void aMissingFileAndAWrongOverrideAreToldTogether() {
    assertThat(failure(() -> ConfigLoader.load(folder.resolve("no.conf"), List.of("nothing"))))
        .contains("2 problems", "no.conf", "-D nothing");
  }
}
