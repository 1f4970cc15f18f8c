package org.dapt.app;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.dapt.io.SafetensorsFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that keeps the parameters whose answers to dev inputs are best. */
class BestDevTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  @Test
  void theBestOfAllStepsIsKeptAndItsScoreIsThatOfAnEvaluation() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 64);
    devIsTestInAnotherOrder();
    TestRun run =
        TestRun.in(folder, List.of("colour"))
            .with("train.ranks=2", "train.epochs=2", "model.dropout=0.1");
    TestRun.Ended best =
        run.with("train.select=best-dev", "train.dev-every=3", "train.exchange=gloo").run("run");
    assertThat(best.code()).as(best.err()).isZero();
    JsonNode summary = summary("run");
    long step = summary.get("chosen_step").asLong();
    double score = summary.get("dev_score").asDouble();
    assertThat(summary.get("steps").asInt()).isEqualTo(16);
    // The last step is looked at, too; that an earlier one is as good makes this a test.
    assertThat(step).isIn(3L, 6L, 9L, 12L, 15L);
    assertThat(best.out()).contains("best on dev after step " + step);

    // The examples are those of test, so the score of an evaluation must be the same.
    TestRun.Ended json = run("report", "--run", folder.resolve("run").toString());
    assertThat(JSON.readTree(json.out()).at("/scores/0/0").asDouble())
        .isCloseTo(score, within(1e-9));

    // What is kept is what this many steps alone make of it, and so is the attention target.
    TestRun alone = run.with("train.max-steps=" + step, "train.exchange=gloo");
    TestRun.Ended last = alone.with("run.dir=" + folder.resolve("last")).run("run");
    assertThat(last.code()).as(last.err()).isZero();
    assertThat(summary("last").has("chosen_step")).isFalse();
    assertThat(tensors("run")).isEqualTo(tensors("last"));
    assertThat(target("run")).isEqualTo(target("last"));

    // And what the model's own dropout had a part in.
    TestRun whole = alone.with("run.dir=" + folder.resolve("whole"), "model.dropout=0");
    assertThat(whole.run("run").code()).isZero();
    assertThat(tensors("whole")).isNotEqualTo(tensors("last"));
  }

  @Test
  void aTaskThatCanHaveNoDevSplitIsRefusedBeforeItIsLearnt() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "colour", 4);
    Path task = folder.resolve("tasks/colour");
    Files.delete(task.resolve("dev.json"));
    Files.copy(task.resolve("test.json"), task.resolve("train.json"), REPLACE_EXISTING);
    TestRun run = TestRun.in(folder, List.of("colour")).with("train.select=best-dev");
    TestRun.Ended asked = run.run("run", "--dry-run");
    assertThat(asked.err()).contains("1 training instance and no dev split of its own");
    assertThat(asked.code()).isEqualTo(3);
  }

  private static TestRun.Ended run(String command, String... arguments) {
    List<String> all = new ArrayList<>(List.of(command));
    Collections.addAll(all, arguments);
    Collections.addAll(all, "--format", "json");
    return TestRun.execute(all.toArray(new String[0]));
  }

  /** Equal files would make a part of train dev. */
  private void devIsTestInAnotherOrder() throws IOException {
    Path task = folder.resolve("tasks/colour");
    ObjectNode test = (ObjectNode) JSON.readTree(task.resolve("test.json").toFile());
    List<JsonNode> instances = new ArrayList<>();
    test.get("Instances").forEach(instances::add);
    Collections.reverse(instances);
    ArrayNode reversed = test.putArray("Instances");
    instances.forEach(reversed::add);
    JSON.writeValue(task.resolve("dev.json").toFile(), test);
  }

  private JsonNode summary(String run) throws IOException {
    return JSON.readTree(folder.resolve(run).resolve("tasks/01-colour/_DONE").toFile())
        .get("summary");
  }

  private String target(String run) throws IOException {
    return Files.readString(folder.resolve(run).resolve("tasks/01-colour/target.json"));
  }

  /** All bits that were learnt. */
  private List<String> tensors(String run) {
    List<String> all = new ArrayList<>();
    for (String file : List.of("block.safetensors", "attention.safetensors")) {
      try (SafetensorsFile parsed =
          SafetensorsFile.open(folder.resolve(run).resolve("tasks/01-colour").resolve(file))) {
        for (String name : parsed.names()) {
          StringBuilder bytes = new StringBuilder(name);
          for (var data = parsed.data(name); data.hasRemaining(); ) {
            bytes.append(' ').append(data.get());
          }
          all.add(bytes.toString());
        }
      }
    }
    return all;
  }
}
