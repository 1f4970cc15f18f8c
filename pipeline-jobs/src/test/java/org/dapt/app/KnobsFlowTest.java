package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Settings that every trainer has, from the command line to what a run stores, shows and exports.
 */
class KnobsFlowTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  /** A learning rate of nearly 0: the second look at dev cannot be better than the first. */
  @Test
  void aRunTakesThemAll() throws IOException {
    TaskFiles.write(folder.resolve("tasks"), "order", 32);
    TestRun knobs =
        TestRun.in(folder, List.of("colour"))
            .with(
                "train.ranks=2",
                "train.learning-rate=1e-12",
                "train.schedule=cosine",
                "train.warmup=0.1",
                "train.weight-decay=0.01",
                "train.select=best-dev",
                "train.dev-every=1",
                "train.patience=1",
                "lora.targets=all-linear",
                "lora.init=gaussian",
                "lora.rslora=true",
                "lora.dropout=0.1",
                "tasks.max-train=24",
                "tasks.max-test=5");
    TestRun run =
        knobs.with(
            "tasks.overrides.colour.max-steps=6",
            "tasks.overrides.colour.epochs=9",
            "tasks.overrides.colour.metric=rouge-l");
    TestRun.Ended ended = run.run("run");
    assertThat(ended.code()).as(ended.err()).isZero();
    JsonNode colour = summary("tasks/01-colour");
    assertThat(colour.get("steps").asInt()).isEqualTo(2);
    assertThat(colour.get("planned_steps").asInt()).isEqualTo(6);
    assertThat(colour.get("chosen_step").asInt()).isEqualTo(1);
    assertThat(colour.get("overrides"))
        .isEqualTo(JSON.readTree("{\"epochs\": 9, \"max-steps\": 6, \"metric\": \"rouge-l\"}"));
    assertThat(summary("data/colour").get("train_examples").asInt()).isEqualTo(24);
    assertThat(summary("data/colour").get("test_drawn_from").asInt()).isEqualTo(8);
    assertThat(ended.out())
        .contains("metric exact-match (rouge-l on t1)")
        .contains("a draw of the test examples (tasks.max-test): t1 5 of 8");

    // A task gets its own when it is learnt, and later commands know them.
    String dir = folder.resolve("run").toString();
    TestRun.Ended learnt =
        TestRun.execute("learn", "--run", dir, "order", "-D", "tasks.overrides.order.max-steps=1");
    assertThat(learnt.code()).as(learnt.err()).isZero();
    assertThat(summary("tasks/02-order").get("overrides").toString())
        .isEqualTo("{\"max-steps\":1}");
    assertThat(summary("tasks/02-order").get("steps").asInt()).isEqualTo(1);
    JsonNode report =
        JSON.readTree(TestRun.execute("report", "--run", dir, "--format", "json").out());
    assertThat(report.get("task_metrics").toString()).isEqualTo("{\"colour\":\"rouge-l\"}");
    assertThat(report.get("test_drawn_from").toString()).isEqualTo("{\"colour\":8,\"order\":8}");

    // With other ones a learnt task is refused, whatever the command.
    TestRun.Ended other = knobs.with("tasks.overrides.order.max-steps=1").run("report");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err())
        .contains("tasks.overrides.colour.max-steps: 6 in the run, not set now")
        .contains("tasks.overrides.colour.metric: rouge-l in the run, not set now")
        .doesNotContain("order.max-steps");
    TestRun.Ended changed =
        TestRun.execute(
            "learn", "--run", dir, "order", "--dry-run", "-D", "tasks.overrides.order.epochs=4");
    assertThat(changed.code()).isEqualTo(2);
    assertThat(changed.err()).contains("tasks.overrides.order.epochs: not set in the run, 4 now");

    exported(dir);
  }

  private void exported(String dir) throws IOException {
    Path adapter = folder.resolve("adapter");
    TestRun.Ended exported =
        TestRun.execute("export", "--run", dir, "--task", "order", "--output", adapter.toString());
    assertThat(exported.code()).as(exported.err()).isZero();
    JsonNode config = JSON.readTree(adapter.resolve("adapter_config.json").toFile());
    assertThat(config.get("use_rslora").asBoolean()).isTrue();
    assertThat(config.get("lora_dropout").asDouble()).isEqualTo(0.1);
    assertThat(config.get("init_lora_weights").asText()).isEqualTo("gaussian");
    assertThat(config.get("target_modules").toString()).contains("\"k\",\"o\",\"q\",\"v\",\"wi");
    assertThat(JSON.readTree(adapter.resolve("dapt.json").toFile()).get("rslora").asBoolean())
        .isTrue();
  }

  @Test
  void namesThatAreNoneAreRefusedBeforeAnythingIsStarted() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour"));
    TestRun.Ended targets = run.with("lora.targets=q,gate").run("run");
    assertThat(targets.code()).isEqualTo(2);
    assertThat(targets.err()).contains("lora.targets has 'gate'", "q, k, v, o, wi");
    TestRun.Ended task = run.with("tasks.overrides.color.epochs=3").run("run");
    assertThat(task.code()).isEqualTo(2);
    assertThat(task.err())
        .contains("tasks.overrides has settings of color, which is no task")
        .contains("the nearest names there are colour");
    TestRun.Ended patience = run.with("train.patience=2").run("run", "--dry-run");
    assertThat(patience.code()).isEqualTo(2);
    assertThat(patience.err()).contains("train.patience is \"2\"", "train.select is last");
    assertThat(Files.exists(folder.resolve("run/run.json"))).isFalse();
  }

  private JsonNode summary(String of) throws IOException {
    return JSON.readTree(folder.resolve("run").resolve(of).resolve("_DONE").toFile())
        .get("summary");
  }
}
