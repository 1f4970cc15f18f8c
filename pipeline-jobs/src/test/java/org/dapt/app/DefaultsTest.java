package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command of the README for a user's tasks, with nothing but what must be stated. */
class DefaultsTest {
  private static final List<String> TASKS =
      List.of("task429_senteval_tense", "task115_help_advice_classification");
  private static final Path QUICKSTART =
      Path.of(System.getProperty("dapt.home"), "conf/quickstart");

  @TempDir private Path folder;

  @Test
  void keepTheFirstTaskWhileTheSecondIsLearnt() throws IOException {
    for (String task : TASKS) {
      shorten(task);
    }

    TestRun.Ended ended =
        TestRun.execute(
            "run",
            "-D",
            "run.dir=" + folder.resolve("mine"),
            "-D",
            "model.path=" + TestRun.MODEL,
            "-D",
            "tasks.root=" + folder.resolve("tasks"),
            "-D",
            "tasks.order=[" + String.join(",", TASKS) + "]",
            "-D",
            "tasks.max-source-tokens=40",
            "-D",
            "spark.master=local[2]",
            "-D",
            "spark.driver.host=127.0.0.1",
            "-D",
            "spark.driver.bindAddress=127.0.0.1");

    assertThat(ended.code()).as(ended.err()).isZero();
    double first = score(ended.out(), "after t1 +([0-9.]+)\n");
    assertThat(first).isGreaterThan(30);
    assertThat(score(ended.out(), "after t2 +([0-9.]+) +[0-9.]+\n"))
        .as(ended.out())
        .isGreaterThanOrEqualTo(first - 5);
    assertThat(score(ended.out(), "Selection accuracy +([0-9.]+) "))
        .as(ended.out())
        .isGreaterThanOrEqualTo(90);
  }

  private static double score(String report, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(report);
    assertThat(matcher.find()).as(report).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  /** A part of {@code task} that is learnt in seconds. */
  private void shorten(String task) throws IOException {
    Path copy = Files.createDirectories(folder.resolve("tasks").resolve(task));
    shorten(task, "train", 256, copy);
    shorten(task, "dev", 24, copy);
    shorten(task, "test", 48, copy);
  }

  private static void shorten(String task, String split, int examples, Path to) throws IOException {
    JsonMapper json = JsonMapper.builder().build();
    Path file = QUICKSTART.resolve(task).resolve(split + ".json.gz");
    try (GZIPInputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      ObjectNode whole = (ObjectNode) json.readTree(in);
      ArrayNode instances = (ArrayNode) whole.get("Instances");
      while (instances.size() > examples) {
        instances.remove(instances.size() - 1);
      }
      json.writeValue(to.resolve(split + ".json").toFile(), whole);
    }
  }
}
