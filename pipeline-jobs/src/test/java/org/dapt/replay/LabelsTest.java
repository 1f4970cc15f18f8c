package org.dapt.replay;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.hadoop.conf.Configuration;
import org.dapt.app.TestRun;
import org.dapt.data.shard.PreparedTask;
import org.dapt.models.Models;
import org.dapt.tokenizer.TextTokenizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which answers are labels. */
class LabelsTest {
  private static final int EXAMPLES = 8;

  @TempDir private Path folder;

  @Test
  void answersThatExamplesShareAreLabels() throws IOException {
    write("colour", i -> i % 2 == 0 ? "red" : "blue");
    write("story", i -> "the story number " + i);
    TestRun.Ended prepared = TestRun.in(folder, List.of("colour", "story")).run("prepare");
    assertThat(prepared.code()).as(prepared.err()).isZero();
    TextTokenizer tokenizer = Models.tokenizer(TestRun.MODEL.toString(), new Configuration());
    assertThat(Labels.of(data("colour"), 20, tokenizer)).containsExactly("blue", "red");
    assertThat(Labels.of(data("colour"), 1, tokenizer)).isEmpty();
    // Hardly any text that is made up would have one of these.
    assertThat(Labels.of(data("story"), 20, tokenizer)).isEmpty();
  }

  private PreparedTask data(String task) throws IOException {
    return PreparedTask.open(
        new Configuration(),
        new org.apache.hadoop.fs.Path(folder.resolve("run/data/" + task).toUri()));
  }

  private void write(String name, IntFunction<String> answer) throws IOException {
    Path task = Files.createDirectories(folder.resolve("tasks").resolve(name));
    int from = 0;
    for (String split : List.of("train", "dev", "test")) {
      List<Map<String, Object>> instances = new ArrayList<>();
      for (int i = from; i < from + EXAMPLES; i++) {
        instances.add(Map.of("input", name + " " + i, "output", List.of(answer.apply(i))));
      }
      from += EXAMPLES;
      Files.write(
          task.resolve(split + ".json"),
          JsonMapper.builder()
              .build()
              .writeValueAsBytes(Map.of("Definition", List.of("Say."), "Instances", instances)));
    }
  }
}
