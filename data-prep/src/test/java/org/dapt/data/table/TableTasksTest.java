package org.dapt.data.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.TaskFolders;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFormat;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tasks in tables are found. */
class TableTasksTest {
  @TempDir private Path root;

  @Test
  void filesThatSparkWroteAreOneTable() throws IOException {
    write("part-00000-x.json", row("b") + row("a"));
    write("part-00001-x.json", row("c"));
    write("_SUCCESS", "");
    assertThat(at(Map.of())).containsExactly("b", "a", "c");
    tasks(Map.of()).require(root.toString(), "c");
    assertThatThrownBy(() -> tasks(Map.of()).require(root.toString(), "d"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no rows of the task d; there are b, a, c");
    // Without such a field it is one task, with the name of the folder.
    assertThat(at(Map.of("task", ""))).containsExactly(root.getFileName().toString());
    assertThat(find("c").together()).hasSize(2);
  }

  @Test
  void theRowsSayTheirTaskWhereAllFilesHaveOne() throws IOException {
    write("2021.jsonl", row("b") + row("a"));
    write("2022.jsonl", row("b") + "{\"text\": \"x\", \"label\": \"y\", \"task\": null}\n");
    assertThat(at(Map.of())).containsExactly("b", "a");
    assertThat(find("b").together()).hasSize(2);
    // A file of the name of a task has to be all of it.
    write("c.jsonl", row("c"));
    assertThat(at(Map.of())).containsExactly("b", "a", "c");
    write("c.jsonl", row("c") + row("a"));
    assertThatThrownBy(() -> at(Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("a file for the task c, and rows of other tasks in that file");
    assertThat(at(Map.of("task", ""))).containsExactly("2021", "2022", "c");
    write("d.jsonl", "{\"text\": \"x\", \"label\": \"y\"}\n");
    assertThat(at(Map.of())).containsExactly("2021", "2022", "c", "d");
  }

  @Test
  void theFilesOfASplitAreAllLookedThrough() throws IOException {
    write("data/train-00000-of-00002.jsonl", row("a"));
    write("data/train-00001-of-00002.jsonl", row("b"));
    assertThat(at(Map.of())).containsExactly("a", "b");
  }

  @ParameterizedTest
  @CsvSource({
    "one/data.jsonl, one/data.jsonl.gz",
    "one/data.json, one/data.jsonl",
    "one/data/all.jsonl, one/data/all.jsonl.gz",
    "part-0.jsonl, part-0.jsonl.gz",
    "2021.jsonl, 2021.jsonl.gz"
  })
  void filesOfNoSplitMayNotBeThereTwice(String file, String again) throws IOException {
    write(file, row("one"));
    assertThat(at(Map.of())).containsExactly("one");
    find("one");
    TaskFolders.writeGzip(root.resolve(again), row("one"));
    assertThatThrownBy(() -> find("one"))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("several files of the name")
        .hasMessageContaining("remove the others");
  }

  @Test
  void whatIsBesideFilesOfSplitsMayBeThereTwice() throws IOException {
    write("one/train.jsonl", row("one"));
    write("one/notes.json", "{}");
    write("one/notes.jsonl", "{}");
    assertThat(at(Map.of())).containsExactly("one");
    assertThat(find("one").bySplit()).containsOnlyKeys(Split.TRAIN);
  }

  @Test
  void aNameThatNoTaskCanHaveIsNamedWithItsField() throws IOException {
    write("part-0.jsonl", row("nli/mnli"));
    assertThatThrownBy(() -> at(Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("part-0.jsonl has 'nli/mnli' in the field task")
        .hasMessageContaining("Rename it");
  }

  @Test
  void foldersWithoutTheSplitArePassedOver() throws IOException {
    write("ax/test.jsonl", row("a"));
    assertThat(at(Map.of())).isEmpty();
    write("sst2/train.jsonl", row("a"));
    write("one/rows.jsonl", row("a"));
    write("deep/er/train.jsonl", row("a"));
    assertThat(at(Map.of())).containsExactly("one", "sst2");
  }

  private List<String> at(Map<String, String> stated) throws IOException {
    return tasks(stated).at(root.toString());
  }

  private TaskTables find(String task) throws IOException {
    var tasks = tasks(Map.of());
    return TaskTables.find(
        tasks.hadoop(), root.toString(), task, tasks.format(), tasks.stated(), Split.TRAIN);
  }

  private static TableTasks tasks(Map<String, String> stated) {
    return new TableTasks(
        new Configuration(),
        (TableFormat) TaskFormat.of("jsonl"),
        FieldNames.of(stated),
        Split.TRAIN);
  }

  private void write(String name, String text) throws IOException {
    var file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String row(String task) {
    return "{\"text\": \"t\", \"label\": \"l\", \"task\": \"%s\"}\n".formatted(task);
  }
}
