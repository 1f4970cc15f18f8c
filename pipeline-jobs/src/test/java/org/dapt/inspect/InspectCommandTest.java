package org.dapt.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.dapt.app.TestRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code dapt inspect} says of everything that a run leaves behind. */
class InspectCommandTest {
  @TempDir private static Path folder;

  @BeforeAll
  static void learn() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour", "order"), "train.max-steps = 2");
    assertThat(run.run("run").code()).isZero();
    String[] export = {"export", "--run", at("run"), "--task", "order", "--output", at("adapter")};
    assertThat(TestRun.execute(export).code()).isZero();
  }

  @Test
  void aRunSaysItsStateAndTasks() throws IOException {
    assertThat(inspect("run"))
        .contains("Run directory at", "dapt-lora", "done: 2 tasks learnt")
        .contains("01-colour, done, steps 2", "02-order", "digest as written", "step=0002")
        .contains("colour, done, train 32, dev 8, test 8");
    JsonNode json = JsonMapper.builder().build().readTree(inspect("run", "--format", "json"));
    assertThat(json.get("kind").textValue()).isEqualTo("Run directory");
    assertThat(json.get("learnt_tasks")).hasSize(2);
    assertThat(json.get("learnt_tasks").get(1).get("steps").intValue()).isEqualTo(2);
    assertThat(json.get("bytes").longValue()).isPositive();
    assertThat(inspect("run/run.json")).contains("Run directory at");
  }

  @Test
  void itsPartsAreRecognised() throws IOException {
    assertThat(inspect("run/data/colour"))
        .contains("Prepared task", "Answer about colour.", "train, examples 32")
        .contains("as written");
    assertThat(inspect("run/tasks/02-order"))
        .contains("Learnt task", "done", "lora_A [8, 256]", "mean attention");
    assertThat(inspect("run/tasks/02-order/block.safetensors")).contains("Block of a task (LoRA)");
    assertThat(inspect("run/tasks/02-order/attention.safetensors"))
        .contains("Attention of a task (key and query network)");
    assertThat(inspect("run/tasks/02-order/training.parquet")).contains("Losses of a training");
    assertThat(inspect("run/data/colour/train/shard-00000.parquet"))
        .contains("Shard of a prepared task", "8");
    assertThat(inspect("run/predictions/step=0002/task=order")).contains("Predictions");
    assertThat(inspect("run/scores/step=0002")).contains("Scores");
    assertThat(inspect("run/attention/step=0002")).contains("Mean attention weights");
    assertThat(inspect("adapter"))
        .contains("PEFT adapter", "LORA", "SEQ_2_SEQ_LM", "q, v", "dapt_attention.safetensors");
    assertThat(inspect("adapter/adapter_model.safetensors")).contains("Weights of a PEFT adapter");
    assertThat(TestRun.execute("inspect", TestRun.MODEL.toString()).out())
        .contains("Base model", "t5", "256");
  }

  @Test
  void damageIsSaid() throws IOException {
    Path task = copy("run/tasks/01-colour", "damaged-task");
    Path block = task.resolve("block.safetensors");
    byte[] content = Files.readAllBytes(block);
    content[content.length - 1] ^= 1;
    Files.write(block, content);
    assertThat(inspect("damaged-task")).contains("DAMAGED: the tensors have another SHA-256");
    Path data = copy("run/data/order", "damaged-data");
    Files.delete(data.resolve("dev/shard-00001.parquet"));
    assertThat(inspect("damaged-data")).contains("DAMAGED or missing: dev/shard-00001.parquet");
    Files.delete(task.resolve("_DONE"));
    assertThat(inspect("damaged-task")).contains("unfinished, no checkpoint");
  }

  @Test
  void whatIsUnknownIsRefused() throws IOException {
    Files.writeString(Files.createDirectories(folder.resolve("foreign")).resolve("a.txt"), "text");
    for (String path : List.of("foreign", "foreign/a.txt", "nowhere")) {
      TestRun.Ended ended = TestRun.execute("inspect", at(path));
      assertThat(ended.code()).as(path).isEqualTo(3);
      assertThat(ended.err()).contains(path).doesNotContain("unexpected");
    }
    assertThat(TestRun.execute("inspect").code()).isEqualTo(2);
    assertThat(TestRun.execute("inspect", at("run"), "--format", "xml").code()).isEqualTo(2);
  }

  private static String at(String name) {
    return folder.resolve(name).toString();
  }

  private static String inspect(String name, String... more) {
    String[] command =
        Stream.concat(Stream.of("inspect", at(name)), Stream.of(more)).toArray(String[]::new);
    TestRun.Ended ended = TestRun.execute(command);
    assertThat(ended.code()).as(ended.err()).isZero();
    return ended.out();
  }

  /** A copy without the files of checksums, which would notice the damage first. */
  private static Path copy(String from, String to) throws IOException {
    Path source = folder.resolve(from);
    Path target = folder.resolve(to);
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.toList()) {
        Path copied = target.resolve(source.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(copied);
        } else if (!file.toString().endsWith(".crc")) {
          Files.copy(file, copied);
        }
      }
    }
    return target;
  }
}
