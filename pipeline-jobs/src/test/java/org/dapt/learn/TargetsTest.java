package org.dapt.learn;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.TestRun;
import org.dapt.config.LearntReference;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.gang.TestSpark;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Example;
import org.dapt.method.Recollection;
import org.dapt.method.Sections;
import org.dapt.models.ModelSource;
import org.dapt.models.Models;
import org.dapt.replay.RecollectedTexts;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.DeviceChoice;
import org.dapt.tokenizer.TextTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which of several references is learnt. */
class TargetsTest {
  private static final int EXAMPLES = 32;
  private static final ModelSource MODEL =
      new ModelSource(TestRun.MODEL.toString(), ComputeType.FLOAT32, DeviceChoice.CPU, true);

  @TempDir private Path folder;

  @Test
  void oneReferenceOfEachExampleIsDrawnAndLearnt() throws IOException {
    writeTask();
    // All examples in one step.
    TestRun run =
        TestRun.in(folder, List.of("size"))
            .with("train.global-batch=" + EXAMPLES, "train.reference=random");
    assertThat(run.run("prepare").code()).isZero();
    PreparedTask data =
        PreparedTask.open(
            new Configuration(),
            new org.apache.hadoop.fs.Path(folder.resolve("run/data/size").toUri()));
    List<TokenisedExample> rows = rows(data);
    assertThat(rows).hasSize(EXAMPLES);

    Targets first = Targets.of(LearntReference.FIRST, data, 42, MODEL);
    assertThat(rows).allSatisfy(row -> assertThat(first.of(row)).isEqualTo(row.targetIds()));
    Targets random = Targets.of(LearntReference.RANDOM, data, 42, MODEL);
    TextTokenizer tokenizer = Models.tokenizer(MODEL.path(), new Configuration());
    List<Integer> drawn = new ArrayList<>();
    for (TokenisedExample row : rows) {
      List<int[]> targets =
          row.references().stream()
              .map(text -> tokenizer.encodeTarget(text, 50, tokenizer.rules().targetEnd()).ids())
              .toList();
      drawn.add(place(targets, random.of(row)));
    }
    assertThat(drawn).contains(0, 1, 2).doesNotContain(-1);
    assertThat(rows).allSatisfy(row -> assertThat(random.of(row)).isEqualTo(random.of(row)));
    // And in the text by which such examples are made up, which is made in the first epoch alone.
    Recollection lfpt5 = ContinualMethods.named("lfpt5").recollection(Sections.of(Map.of()));
    RecollectedTexts texts = new RecollectedTexts(lfpt5, tokenizer, 40);
    Function<TokenisedExample, Example> examples =
        new TaskExamples(random, texts, "").part().example();
    for (TokenisedExample row : rows) {
      Example recollection = examples.apply(row).recollection();
      assertThat(tokenizer.decode(recollection.target())).endsWith(random.text(row));
      assertThat(examples.apply(row).recollection()).isSameAs(recollection);
    }
    Targets other = Targets.of(LearntReference.RANDOM, data, 43, MODEL);
    assertThat(rows).anySatisfy(row -> assertThat(other.of(row)).isNotEqualTo(random.of(row)));

    TestRun.Ended ended = run.run("train");
    assertThat(ended.code()).as(ended.err()).isZero();
    long tokens = rows.stream().mapToLong(row -> random.of(row).length).sum();
    assertThat(tokens).isNotEqualTo(rows.stream().mapToLong(row -> row.targetIds().length).sum());
    assertThat(
            TestSpark.session()
                .read()
                .parquet(folder.resolve("run/tasks/01-size/training.parquet").toString())
                .first()
                .<Long>getAs("target_tokens"))
        .isEqualTo(tokens);
  }

  /** In a chat the prepared answers end with what ends a turn, so the others must, too. */
  @Test
  void everyReferenceEndsAsThePreparedOne() throws IOException {
    writeTask();
    Path model = Files.createDirectories(folder.resolve("model"));
    for (String file : List.of("model.safetensors", "tokenizer.json")) {
      Files.copy(TestRun.MODEL.resolve(file), model.resolve(file));
    }
    int turnEnd = 8092;
    Files.writeString(
        model.resolve("config.json"),
        Files.readString(TestRun.MODEL.resolve("config.json"))
            .replace("\"eos_token_id\": 1", "\"eos_token_id\": [1, %d]".formatted(turnEnd)));
    Files.writeString(
        model.resolve("tokenizer_config.json"),
        "{\"chat_template\": \"{% for m in messages %}{{ m.content }}<extra_id_99>{% endfor %}\"}");
    TestRun run =
        TestRun.in(
            folder,
            List.of("size"),
            "model.path = model",
            "tasks.template = chat",
            "train.reference = random");
    TestRun.Ended ended = run.run("prepare");
    assertThat(ended.code()).as(ended.err()).isZero();
    PreparedTask data =
        PreparedTask.open(
            new Configuration(),
            new org.apache.hadoop.fs.Path(folder.resolve("run/data/size").toUri()));
    ModelSource chatting =
        new ModelSource(model.toString(), ComputeType.FLOAT32, DeviceChoice.CPU, true);
    Targets random = Targets.of(LearntReference.RANDOM, data, 42, chatting);
    assertThat(rows(data))
        .isNotEmpty()
        .allSatisfy(row -> assertThat(row.targetIds()).endsWith(turnEnd))
        .allSatisfy(row -> assertThat(random.of(row)).endsWith(turnEnd));
  }

  private static int place(List<int[]> targets, int[] target) {
    for (int i = 0; i < targets.size(); i++) {
      if (Arrays.equals(targets.get(i), target)) {
        return i;
      }
    }
    return -1;
  }

  private static List<TokenisedExample> rows(PreparedTask data) throws IOException {
    List<TokenisedExample> rows = new ArrayList<>();
    for (int shard = 0; shard < data.shards(); shard++) {
      try (ShardReader reader = data.reader(Split.TRAIN, shard, Projection.REFERENCES)) {
        rows.addAll(reader.readAll());
      }
    }
    return rows;
  }

  /** Three references of different lengths. */
  private void writeTask() throws IOException {
    Path task = Files.createDirectories(folder.resolve("tasks/size"));
    for (String split : List.of("train", "test")) {
      List<Map<String, Object>> list = new ArrayList<>();
      // With those that become dev.
      for (int i = 0; i < (split.equals("train") ? EXAMPLES + 4 : 4); i++) {
        list.add(
            Map.of(
                "input",
                "number " + i,
                "output",
                List.of("small " + i, "it is small, " + i, "a number that is not large is " + i)));
      }
      Files.write(
          task.resolve(split + ".json"),
          JsonMapper.builder()
              .build()
              .writeValueAsBytes(Map.of("Definition", List.of("Size?"), "Instances", list)));
    }
  }
}
