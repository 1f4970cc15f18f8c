package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What users get wrong ends with the right exit code and a message that helps, never with a trace.
 */
class BadInputTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;
  private TestRun run;

  @BeforeEach
  void configure() throws IOException {
    run = TestRun.in(folder, List.of("colour"));
  }

  @Test
  void missingTaskFolder() {
    fails(run.with("tasks.order=[color]").run("run"), 3, "tasks/color", "does not exist", "colour");
  }

  @Test
  void malformedJson() throws IOException {
    Path train = folder.resolve("tasks/colour/train.json");
    String text = Files.readString(train);
    Files.writeString(train, text.substring(0, text.length() - 20));
    fails(run.run("run"), 3, "train.json", "line 1", "column");
  }

  @Test
  void emptyTask() throws IOException {
    Files.writeString(
        folder.resolve("tasks/colour/test.json"),
        "{\"Definition\": [\"Answer about colour.\"], \"Instances\": []}");
    fails(run.run("run"), 3, "test.json", "instance");
  }

  @Test
  void instanceWithoutOutput() throws IOException {
    Path train = folder.resolve("tasks/colour/train.json");
    ObjectNode tree = (ObjectNode) JSON.readTree(Files.readAllBytes(train));
    ((ObjectNode) tree.path("Instances").get(3)).remove("output");
    Files.write(train, JSON.writeValueAsBytes(tree));
    fails(run.run("run"), 3, "train.json", "output");
  }

  @Test
  void unknownKey() {
    fails(run.with("train.epoch=3").run("run"), 2, "train.epoch", "train.epochs");
  }

  @Test
  void wrongTypesAndNonPositiveValuesAtOnce() {
    fails(
        run.with("train.epochs=many", "train.global-batch=0", "lora.r=-1").run("run"),
        2,
        "train.epochs",
        "many",
        "train.global-batch",
        "lora.r");
  }

  @Test
  void missingConfigurationFile() {
    fails(TestRun.execute("run", "--config", folder.resolve("no.conf").toString()), 2, "no.conf");
  }

  @Test
  void unknownOption() {
    TestRun.Ended ended = TestRun.execute("run", "--confg", "x");
    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err()).contains("--confg");
  }

  @Test
  void modelWithoutATensor() throws IOException {
    Path model = copyOfTheModel();
    ObjectNode config =
        (ObjectNode) JSON.readTree(Files.readAllBytes(model.resolve("config.json")));
    config.put("num_layers", config.path("num_layers").intValue() + 1);
    Files.write(model.resolve("config.json"), JSON.writeValueAsBytes(config));
    int layer = config.path("num_layers").intValue() - 1;
    fails(
        run.with("model.path=" + model).run("run"), 3, model.toString(), "encoder.block." + layer);
  }

  @Test
  void modelOfAnUnknownArchitecture() throws IOException {
    Path model = copyOfTheModel();
    ObjectNode config =
        (ObjectNode) JSON.readTree(Files.readAllBytes(model.resolve("config.json")));
    config.put("model_type", "mamba");
    Files.write(model.resolve("config.json"), JSON.writeValueAsBytes(config));
    fails(run.with("model.path=" + model).run("run"), 3, "mamba", "t5");
  }

  @Test
  void noModel() {
    fails(run.with("model.path=" + folder.resolve("none")).run("run"), 3, "none", "does not exist");
  }

  @Test
  void runDirectoryThatCannotBeWritten() throws IOException {
    Files.writeString(folder.resolve("file"), "not a folder");
    fails(run.with("run.dir=" + folder.resolve("file/run")).run("run"), 2, "run.dir", "file/run");
  }

  @Test
  void runDirectoryWithOtherThingsInIt() throws IOException {
    Files.createDirectories(folder.resolve("mine"));
    Files.writeString(folder.resolve("mine/thesis.tex"), "keep");
    fails(run.with("run.dir=" + folder.resolve("mine")).run("run"), 2, "run.dir", "mine");
    assertThat(folder.resolve("mine/thesis.tex")).hasContent("keep");
  }

  @Test
  void corruptedShard() throws IOException {
    assertThat(run.run("prepare").code()).isZero();
    Path shard;
    try (Stream<Path> files = Files.walk(folder.resolve("run/data/colour/train"))) {
      shard =
          files.filter(f -> f.toString().endsWith(".parquet")).sorted().findFirst().orElseThrow();
    }
    try (RandomAccessFile bytes = new RandomAccessFile(shard.toFile(), "rw")) {
      bytes.seek(bytes.length() / 3);
      byte[] noise = new byte[32];
      java.util.Arrays.fill(noise, (byte) 0xA5);
      bytes.write(noise);
    }
    fails(run.run("train"), 3, shard.getFileName().toString(), "prepare");
  }

  @Test
  void trainingBeforePreparing() {
    fails(run.run("train"), 3, "manifest.json", "prepare");
  }

  @Test
  void evaluatingBeforeTraining() {
    fails(run.run("evaluate"), 2, "learnt");
  }

  @Test
  void reportOfNothing() {
    fails(TestRun.execute("report", "--run", folder.resolve("nowhere").toString()), 2, "nowhere");
  }

  private Path copyOfTheModel() throws IOException {
    Path copy = Files.createDirectories(folder.resolve("model"));
    for (String file : List.of("config.json", "tokenizer.json", "model.safetensors")) {
      Files.copy(TestRun.MODEL.resolve(file), copy.resolve(file));
    }
    return copy;
  }

  private static void fails(TestRun.Ended ended, int code, String... says) {
    assertThat(ended.err()).contains(says);
    assertThat(ended.code()).isEqualTo(code);
    assertThat(ended.err()).doesNotContain("\tat ").doesNotContain("unexpected failure");
  }
}
