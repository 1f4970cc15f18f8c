package org.dapt.predict;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.global.torch;
import org.dapt.app.TestRun;
import org.dapt.tensor.NativeRuntime;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers line by line, by methods with and without attention. */
class OtherMethodsTest {
  private static final List<String> TASKS = List.of("colour", "order");

  @TempDir private Path folder;

  @AfterEach
  void oneThreadAgain() {
    // OpenBLAS's number is that of the process.
    NativeRuntime.useThreads(1);
  }

  @Test
  void attentionShowsTheMixtureOfEachLine() throws IOException {
    TestRun.learnt(folder);
    TestRun.Ended json =
        ask("the lamp is red 1\n\nred is the lamp\n", "--format", "json", "--instruction", "Say.");
    assertThat(json.code()).as(json.err()).isZero();
    List<JsonNode> answers = new ArrayList<>();
    for (String line : json.out().lines().toList()) {
      answers.add(JsonMapper.builder().build().readTree(line));
    }
    assertThat(answers).hasSize(2);
    assertThat(answers.get(1).get("input").asText()).isEqualTo("red is the lamp");
    double sum = 0;
    for (String task : TASKS) {
      sum += answers.get(1).get("weights").get(task).asDouble();
    }
    assertThat(sum).isBetween(0.999, 1.001);
    // The run is one of local[2].
    assertThat(torch.get_num_threads()).isEqualTo(2);
    TestRun.Ended text = ask("the lamp is red 1", "-D", "spark.task.cpus=1");
    assertThat(torch.get_num_threads()).isEqualTo(1);
    assertThat(text.code()).isZero();
    assertThat(text.out()).contains("  colour  0.", "  order   0.").doesNotContain("█", "> ");
    assertThat(text.err()).doesNotContain("SparkContext");
    TestRun.Ended nothing = ask("");
    assertThat(nothing.code()).isZero();
    assertThat(nothing.out()).isEmpty();
    TestRun.Ended both = ask("", "--input", "a");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).contains("--interactive reads standard input");
  }

  @Test
  void oneBlockForAllTasksChoosesNothing() throws IOException {
    learn("seq-lora");
    TestRun.Ended ended = ask("the lamp is red 1\n", "--format", "json");
    assertThat(ended.code()).as(ended.err()).isZero();
    JsonNode answer = JsonMapper.builder().build().readTree(ended.out());
    assertThat(answer.get("weights").isNull()).isTrue();
    assertThat(answer.get("chosen_task").isNull()).isTrue();
    assertThat(answer.get("prediction").isTextual()).isTrue();
  }

  @Test
  void separateBlocksNeedTheTask() throws IOException {
    learn("single-task");
    TestRun.Ended missing = ask("the lamp is red 1\n");
    assertThat(missing.code()).isEqualTo(2);
    assertThat(missing.err()).contains("--task is missing", "colour, order");
    TestRun.Ended named = ask("the lamp is red 1\n", "--task", "colour", "--format", "json");
    assertThat(named.code()).as(named.err()).isZero();
    assertThat(JsonMapper.builder().build().readTree(named.out()).get("chosen_task").asText())
        .isEqualTo("colour");
  }

  private void learn(String method) throws IOException {
    TestRun.Ended ended = TestRun.in(folder, TASKS).with("method.name=" + method).run("run");
    assertThat(ended.code()).as(ended.err()).isZero();
  }

  private TestRun.Ended ask(String lines, String... more) {
    List<String> all =
        new ArrayList<>(
            List.of("predict", "--run", folder.resolve("run").toString(), "--interactive"));
    all.addAll(List.of(more));
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8)));
    try {
      return TestRun.execute(all.toArray(new String[0]));
    } finally {
      System.setIn(before);
    }
  }
}
