package org.dapt.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.run.FormatsDocument.section;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.common.base.CaseFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.adapter.Sidecar;
import org.dapt.io.JsonObjects;
import org.dapt.loop.Checkpoint;
import org.dapt.score.AttentionTable;
import org.dapt.score.ScoreTable;
import org.dapt.train.DevChoice;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The names in the document of the formats are those that their owners write. */
class FormatsDocumentTest {
  private static final Pattern FILE =
      Pattern.compile("[a-z_]+\\.(?:safetensors|json|parquet|conf)");

  @TempDir private Path folder;

  @Test
  void theTreeOfARunDirectoryHasTheFoldersAndFilesOfTheCode() {
    var tree = section("## The run directory").text();
    for (var each : RunFolder.values()) {
      assertThat(tree).contains("\n      " + each.folder() + "/");
    }
    assertThat(tree)
        .contains(TaskLayout.CHECKPOINTS + "/", Marker.FILE, " " + RunDirectory.LEASE_FILE + "\n")
        .contains(RunFolder.SCORES.folder() + "/" + RunFolder.STEP + "=<nnnn>/")
        .contains("/" + RunFolder.TASK + "=<task>/");
    assertThat(FILE.matcher(tree).results().map(match -> match.group()))
        .containsExactly(
            RunDirectory.RUN_FILE,
            RunDirectory.CONFIG_FILE,
            "mlflow.json",
            TaskLayout.BLOCK,
            TaskLayout.ATTENTION,
            TaskLayout.TARGET,
            TaskLayout.TRAINING,
            StoredSelection.FILE,
            TaskLayout.GENERATOR,
            TaskLayout.SAMPLES);
    assertThat(section("### `lease`, `_LEASE`").text()).contains("`" + Lease.FILE + "`");
  }

  @Test
  void theRunFileHasTheDocumentedKeys() throws Exception {
    RunDirectory.openOrCreate(
        new Configuration(),
        hadoopPath(),
        new RunDirectory.Identity("c", "m", "t", "dapt-lora", 1, "1"),
        "",
        stored -> List.of());
    assertThat(keys(Files.readAllBytes(folder.resolve(RunDirectory.RUN_FILE))))
        .containsExactlyElementsOf(
            section("### `run.json`, `config.conf`").between("run directory:", ". A").code());
  }

  @Test
  void aMarkerHasTheDocumentedKeysAndSummaries() throws Exception {
    var training =
        new TrainingSummary(
            "s",
            "f",
            1,
            2,
            2,
            3,
            4,
            5,
            "local",
            6,
            7,
            8,
            9,
            "adapter",
            new DevChoice(1, 50),
            Map.of("epochs", 3));
    Marker.of(files(), hadoopPath()).write("c1", Map.of("data", "d1"), training.toMap());
    var document = section("### `_DONE`");
    assertThat(keys(Files.readAllBytes(folder.resolve(Marker.FILE))))
        .containsExactlyElementsOf(document.names());
    var summary = document.between("| `summary` |", "\n");
    assertThat(summary.between("for a learnt task", "; for scores").code())
        .containsExactlyElementsOf(training.toMap().keySet());
    assertThat(summary.between("for prepared data", "; for a learnt").code())
        .containsExactlyElementsOf(new PreparedSummary(1, 2, 3, 4L, true).toMap().keySet());
    assertThat(TrainingSummary.of(Marker.of(files(), hadoopPath()))).isEqualTo(training);
  }

  @Test
  void aLeaseHasTheDocumentedKeys() throws Exception {
    var lease = JsonObjects.read(LeaseContent.ofThisProcess(1).toBytes());
    var written = new ArrayList<>(keys(lease));
    written.addAll(keys(lease.get("owner")));
    assertThat(section("### `lease`, `_LEASE`").code()).containsAll(written);
  }

  @Test
  void aLearntTaskHasTheDocumentedFiles() throws Exception {
    TaskArtifacts.write(
        files(),
        hadoopPath(),
        new TaskArtifacts.Packed("colour", new byte[] {1}, new byte[] {2}, List.of(1.0), "s"));
    try (var written = Files.list(folder)) {
      assertThat(written.map(file -> file.getFileName().toString()).filter(FILE.asMatchPredicate()))
          .containsExactlyInAnyOrder(TaskLayout.BLOCK, TaskLayout.ATTENTION, TaskLayout.TARGET);
    }
    var target = section("### Learnt tasks").between("`target.json` is an object of", ":");
    assertThat(target.code())
        .containsSubsequence(keys(Files.readAllBytes(folder.resolve(TaskLayout.TARGET))));
  }

  @Test
  void tablesHaveTheDocumentedColumns() {
    var stored = new ArrayList<>(FormatsDocument.typed(ScoreTable.COLUMNS));
    stored.add(3, RunFolder.STEP + " int");
    assertThat(section("### Scores").typed()).containsExactlyElementsOf(stored);
    assertThat(section("### Predictions").code())
        .containsSubsequence(PredictionTable.ALL.fieldNames());
    assertThat(section("### Attention").code())
        .containsExactly(AttentionTable.COLUMNS.fieldNames());
    assertThat(section("### Pseudo samples").code())
        .containsSubsequence(PseudoTable.COLUMNS.fieldNames());
  }

  @Test
  void aCheckpointHasTheDocumentedTensors() {
    var tensors = section("### Checkpoints").between("Tensors:", "; where dev").code();
    assertThat(new TreeSet<>(tensors)).isEqualTo(new TreeSet<>(Checkpoint.TENSORS));
    var best = section("### Checkpoints").between("; where dev", "Metadata:").code();
    assertThat(new TreeSet<>(best)).isEqualTo(new TreeSet<>(Checkpoint.BEST_TENSORS));
    assertThat(section("### Checkpoints").code()).contains(Checkpoint.SHA256);
  }

  @Test
  void theSidecarHasTheDocumentedFields() {
    assertThat(section("### The sidecar").names())
        .containsExactlyElementsOf(
            Arrays.stream(Sidecar.class.getRecordComponents())
                .map(field -> snakeCase(field.getName()))
                .toList());
  }

  private static String snakeCase(String name) {
    return CaseFormat.LOWER_CAMEL.to(CaseFormat.LOWER_UNDERSCORE, name);
  }

  private static List<String> keys(byte[] json) throws JsonObjects.DamagedException {
    return keys(JsonObjects.read(json));
  }

  private static List<String> keys(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static FileSystem files() throws IOException {
    return FileSystem.getLocal(new Configuration());
  }

  private org.apache.hadoop.fs.Path hadoopPath() {
    return new org.apache.hadoop.fs.Path(folder.toUri());
  }
}
