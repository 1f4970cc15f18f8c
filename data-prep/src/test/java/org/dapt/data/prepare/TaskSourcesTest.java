package org.dapt.data.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.prompt.Prompts;
import org.dapt.data.reader.BadRows;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest.HoldOutNote;
import org.dapt.error.InputException;
import org.dapt.metric.AnswerMetric;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows make up the splits of tasks. */
class TaskSourcesTest {
  private final Configuration hadoop = new Configuration();

  @TempDir private Path root;

  @Test
  void aBadRowOfASharedFileIsOneOfAllItsRows() throws IOException {
    var rows = rows("a", "train", 20) + rows("a", "test", 4) + rows("b", "train", 20);
    var file = write("all.jsonl", rows + "oops\n{\"text\": \"of none\", \"label\": \"1\"}\n");
    for (var task : List.of("a", "b")) {
      var sources = sources(file, task, "jsonl", BadRows.SKIP);
      assertThat(sources.splits().get(0).rows()).as(task).isLessThanOrEqualTo(20);
      assertThat(sources.warnings()).anyMatch(said -> said.contains("it has no task"));
      assertThat(sources.leftOut().own()).isZero();
    }
    assertThat(
            LeftOutRows.total(
                List.of(
                    sources(file, "a", "jsonl", BadRows.SKIP).leftOut(),
                    sources(file, "b", "jsonl", BadRows.SKIP).leftOut())))
        .isEqualTo(2);
    assertThatThrownBy(() -> sources(file, "a", "jsonl", BadRows.FAIL))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has 2 bad rows beside 20 good and 24 of other tasks or splits");

    // A task of which too many rows are bad does not hide behind the others.
    var own = rows("c", "train", 8) + "{\"text\": \"x\", \"task\": \"c\", \"split\": \"train\"}\n";
    var bad = write("bad.jsonl", rows + own);
    assertThatThrownBy(() -> sources(bad, "c", "jsonl", BadRows.SKIP))
        .hasMessageContaining("has 1 bad row beside 8 good and 44 of other tasks or splits");
    assertThat(sources(bad, "a", "jsonl", BadRows.SKIP).leftOut().own()).isZero();
    // Nor does it have to have a tenth of good rows in each file.
    write("parts/part-0.jsonl", rows);
    write(
        "parts/part-1.jsonl",
        rows("b", "train", 20) + "{\"text\": \"x\", \"task\": \"a\", \"split\": \"train\"}\n");
    assertThat(sources(root.resolve("parts"), "a", "jsonl", BadRows.SKIP).leftOut().own()).isOne();
  }

  @Test
  void aTestSplitWhoseAnswersAreSecretIsNone() throws IOException {
    write("csv/train.csv", "text,label\n" + "a,x\n".repeat(20));
    write("csv/test.csv", "text\n" + "b\n".repeat(30));
    write("jsonl/train.jsonl", rows("t", "any", 20));
    write("jsonl/test.jsonl", "{\"text\": \"b\", \"label\": null}\n".repeat(30));
    HubFolder.write(root.resolve("parquet"), true);
    HubFolder.hideLabels(root.resolve("parquet/data/test-00000-of-00001.parquet"), 9);
    for (var format : List.of("csv", "jsonl", "parquet")) {
      var sources = sources(root, format, format, BadRows.FAIL);
      assertThat(sources.testHoldOut().reason()).as(format).isEqualTo(HoldOutNote.NO_TEST);
      assertThat(sources.splits().get(2).fileSplit()).isEqualTo(Split.TRAIN);
      assertThat(sources.inputs()).noneMatch(input -> input.split().equals("test"));
      assertThat(sources.warnings())
          .anyMatch(
              said -> said.contains("no row of the test split in test") && said.contains("label"));
      assertThatThrownBy(
              () -> inspect(root, format, recipe(format, BadRows.FAIL), /* testOnly= */ true))
          .hasMessageContaining("beside 0 good");
    }
    // Where some have answers, the others are bad.
    write("jsonl/test.jsonl", rows("t", "any", 1) + "{\"text\": \"b\"}\n");
    assertThatThrownBy(() -> sources(root, "jsonl", "jsonl", BadRows.SKIP))
        .hasMessageContaining("has 1 bad row beside 1 good");
  }

  private TaskSources sources(Path data, String task, String format, BadRows badRows)
      throws IOException {
    return inspect(data, task, recipe(format, badRows), /* testOnly= */ false);
  }

  private TaskSources inspect(Path data, String task, Recipe recipe, boolean testOnly)
      throws IOException {
    var model = TestSpark.modelFolder().toString();
    return TaskSources.inspect(
        hadoop,
        new PrepareSettings(data.toString(), model, recipe, AnswerMetric.ROUGE_L, testOnly),
        Prompts.of(recipe.template(), model, hadoop),
        task);
  }

  private static Recipe recipe(String format, BadRows badRows) {
    return new Recipe(
        format, "{input}", 64, 8, 2, 0.2, 42, true, 0, 0, 0, new TreeMap<>(), badRows);
  }

  private Path write(String name, String text) throws IOException {
    var file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static String rows(String task, String split, int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                "{\"text\": \"%s %d\", \"label\": \"1\", \"task\": \"%s\", \"split\": \"%s\"}\n"
                    .formatted(split, i, task, split))
        .collect(Collectors.joining());
  }
}
