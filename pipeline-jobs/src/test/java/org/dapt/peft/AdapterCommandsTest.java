package org.dapt.peft;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.dapt.app.TaskFiles;
import org.dapt.app.TestRun;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blocks as PEFT's adapters on the command line: export, import and the view of a mixture. */
class AdapterCommandsTest {
  private static final List<String> TWO = List.of("colour", "order");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @TempDir private Path folder;

  @Test
  void exportsImportedInOrderGiveTheSameRunAgain() throws IOException {
    TestRun first = TestRun.learnt(folder);
    exports("run", "out");
    assertThat(folder.resolve("out/order"))
        .isDirectoryContaining("glob:**/adapter_config.json")
        .isDirectoryContaining("glob:**/adapter_model.safetensors")
        .isDirectoryContaining("glob:**/dapt_attention.safetensors")
        .isDirectoryContaining("glob:**/dapt.json");
    assertThat(contents("out/order")).hasSize(4);

    TestRun again = first.with("run.dir=" + folder.resolve("again"));
    for (String task : TWO) {
      assertCode(0, imported(again, "out/" + task, task));
    }
    exports("again", "out2");
    for (String task : TWO) {
      Map<String, byte[]> before = contents("out/" + task);
      Map<String, byte[]> after = contents("out2/" + task);
      // The sidecar names the run that it came from.
      ObjectNode sidecar = (ObjectNode) JSON.readTree(before.remove("dapt.json"));
      ObjectNode same = (ObjectNode) JSON.readTree(after.remove("dapt.json"));
      assertThat(same.remove("run_id")).isNotEqualTo(sidecar.remove("run_id"));
      assertThat(same).isEqualTo(sidecar);
      assertThat(after.keySet()).isEqualTo(before.keySet());
      before.forEach((name, bytes) -> assertThat(after.get(name)).as(name).isEqualTo(bytes));
    }
    TestRun.Ended whole = again.run("run");
    assertCode(0, whole);
    assertThat(whole.matrix()).isEqualTo(first.run("report").matrix());

    // With one block all weights are 1, with two they hang on the temperature.
    TestRun warmer = first.with("run.dir=" + folder.resolve("warmer"), "attention.temperature=2");
    assertCode(0, imported(warmer, "out/colour", "colour"));
    TestRun.Ended other = imported(warmer, "out/order", "order");
    assertCode(3, other);
    assertThat(other.err()).contains("attention.temperature = 1.0, not with the 2.0 of this run");
  }

  @Test
  void wrongExportsSayWhatIsThere() throws IOException {
    TestRun run = TestRun.in(folder, TWO).with("tasks.order=[colour]", "train.max-steps=1");
    assertCode(0, run.run("run"));
    TestRun.Ended unknown = export("run", "order", "out");
    assertCode(2, unknown);
    assertThat(unknown.err()).contains("Task order is not learnt", "learnt are colour");
    Path full = Files.createDirectories(folder.resolve("full"));
    Files.writeString(full.resolve("file"), "");
    assertCode(2, export("run", "colour", "full"));
    assertCode(2, export("run", "colour", "full/file"));
    assertThat(contents("full")).hasSize(1);
    assertCode(2, export("nowhere", "colour", "out"));
    assertThat(folder.resolve("out")).doesNotExist();

    assertCode(0, export("run", "colour", "out"));
    TestRun.Ended twice = imported(run, "out", "colour");
    assertCode(2, twice);
    assertThat(twice.err()).contains("Task colour is learnt").contains("already");
    // Its attention was learnt as that of a first task.
    TestRun.Ended late = imported(run, "out", "order");
    assertCode(3, late);
    assertThat(late.err()).contains("learnt after []", "not after [colour]", "single-task");
    Files.delete(folder.resolve("out/dapt.json"));
    TestRun.Ended foreign = imported(run, "out", "order");
    assertCode(3, foreign);
    assertThat(foreign.err()).contains("no attention of dapt", "dapt learn");
    TestRun.Ended none = imported(run, "empty", "order");
    assertCode(3, none);
    assertThat(none.err()).contains("adapter_model.safetensors does not exist");
    assertThat(folder.resolve("run/tasks/02-order/_DONE")).doesNotExist();

    // Alone it needs no attention, and with one block any key will do.
    for (String method : List.of("single-task", "seq-lora", "dapt-lora")) {
      TestRun other = run.with("method.name=" + method, "run.dir=" + folder.resolve(method));
      assertCode(0, imported(other, "out", "colour"));
      assertCode(0, other.run("evaluate"));
    }
  }

  /** The keys that are in use decide, not those that the tasks were learnt with. */
  @Test
  void anAttentionFitsTheKeysThatWereRealignedBeforeIt() throws IOException {
    TestRun run = TestRun.learnt(folder).with("tasks.order=[colour, order, length]");
    TaskFiles.write(folder.resolve("tasks"), "length", 32);
    TestRun three = run.with("tasks.root=" + folder.resolve("tasks"));
    FileUtils.copyDirectory(folder.resolve("run").toFile(), folder.resolve("before").toFile());
    assertCode(0, TestRun.execute("realign", "--run", folder.resolve("run").toString()));
    FileUtils.copyDirectory(folder.resolve("run").toFile(), folder.resolve("realigned").toFile());
    assertCode(0, three.run("prepare", "length"));
    assertCode(0, three.run("train", "length"));
    assertCode(0, export("run", "length", "out"));

    TestRun.Ended unfit =
        imported(three.with("run.dir=" + folder.resolve("before")), "out", "length");
    assertCode(3, unfit);
    assertThat(unfit.err()).contains("as they are in this run");
    assertCode(0, imported(three.with("run.dir=" + folder.resolve("realigned")), "out", "length"));
  }

  @Test
  void aMixtureIsPrintedAndWritten() throws IOException {
    TestRun run = TestRun.learnt(folder);
    TestRun.Ended bare = view("run", "out");
    assertCode(2, bare);
    assertThat(bare.err()).contains("--instruction TEXT", "--task NAME");
    assertCode(2, view("run", "out", "--task", "length"));
    assertCode(2, view("run", "out", "--task", "order", "--instruction", "Do."));
    TestRun.Ended ended = view("run", "out", "--task", "order", "--format", "json");
    assertCode(0, ended);
    JsonNode mixture = JSON.readTree(ended.out()).get("mixture");
    assertThat(mixture).hasSize(2);
    assertThat(
            mixture.get(0).get("weight").doubleValue() + mixture.get(1).get("weight").doubleValue())
        .isCloseTo(1, org.assertj.core.api.Assertions.within(1e-6));
    JsonNode config = JSON.readTree(folder.resolve("out/adapter_config.json").toFile());
    assertThat(config.get("r").intValue()).isEqualTo(16);
    assertThat(config.get("lora_alpha").intValue()).isEqualTo(16);
    JsonNode sidecar = JSON.readTree(folder.resolve("out/dapt.json").toFile());
    assertThat(sidecar.get("kind").textValue()).isEqualTo("mixture");
    assertThat(sidecar.get("mixture")).isEqualTo(mixture);
    assertThat(view("run", "other", "--instruction", "").out())
        .contains("weight  block", "  order");

    TestRun single = run.with("method.name=seq-lora", "run.dir=" + folder.resolve("seq"));
    assertCode(2, view("seq", "out3", "--task", "order"));
    assertCode(0, single.with("tasks.order=[colour]", "train.max-steps=1").run("run"));
    TestRun.Ended unmixed = view("seq", "out3", "--task", "colour");
    assertCode(2, unmixed);
    assertThat(unmixed.err()).contains("does not mix", "dapt export");
  }

  private void exports(String run, String output) {
    for (String task : TWO) {
      assertCode(0, export(run, task, output + "/" + task));
    }
  }

  private TestRun.Ended export(String run, String task, String output) {
    return TestRun.execute(
        "export",
        "--run",
        folder.resolve(run).toString(),
        "--task",
        task,
        "--output",
        folder.resolve(output).toString());
  }

  private TestRun.Ended imported(TestRun run, String adapter, String task) {
    return run.run("import", "--adapter", folder.resolve(adapter).toString(), "--task", task);
  }

  private TestRun.Ended view(String run, String output, String... more) {
    Stream<String> fixed =
        Stream.of(
            "merge-view",
            "--run",
            folder.resolve(run).toString(),
            "--input",
            "the lamp is red 1",
            "--output",
            folder.resolve(output).toString());
    return TestRun.execute(Stream.concat(fixed, Stream.of(more)).toArray(String[]::new));
  }

  private static void assertCode(int code, TestRun.Ended ended) {
    assertThat(ended.code()).as(ended.err()).isEqualTo(code);
  }

  private Map<String, byte[]> contents(String name) throws IOException {
    Map<String, byte[]> contents = new TreeMap<>();
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      files.forEach(
          file -> {
            try {
              contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return contents;
  }
}
