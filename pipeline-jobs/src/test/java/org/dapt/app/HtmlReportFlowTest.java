package org.dapt.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dapt report --html} on runs in every state. */
class HtmlReportFlowTest {
  private static final List<String> TWO = List.of("colour", "order");

  @TempDir private Path folder;

  @Test
  void aFinishedRunHasEverySection() throws IOException {
    TestRun run = TestRun.in(folder, TWO, "spark.hadoop.fs.s3a.secret.key = confidential");
    assertThat(run.run("run").code()).isZero();
    String html = html(run);
    assertThat(html)
        .contains("id=\"table-tasks\"", "id=\"table-matrix\"", "id=\"table-attention\"")
        .contains("id=\"table-selection\"", "id=\"table-forgotten\"", "id=\"table-losses\"")
        .contains("id=\"table-cost\"", "id=\"table-metrics\"", "After earlier steps")
        .contains("needs evaluate.single-task-run", "Model, SHA-256", "hidden=100")
        .doesNotContain("class=\"notice\"", "confidential");
    // A report beside the page is the same as without, and nothing else appears in the folder.
    assertThat(run.run("report", "--html", page().toString()).out())
        .isEqualTo(run.run("report").out());
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("run", "run.conf", "tasks", "page.html");
    }
  }

  @Test
  void oneTaskWithoutAttentionAndThenOneThatIsNotEvaluated() throws IOException {
    TestRun one = TestRun.in(folder, List.of("colour"), "method.name = seq-lora");
    assertThat(one.run("run").code()).isZero();
    assertThat(html(one))
        .contains("This method chooses blocks without attention.", "needs two tasks")
        .contains("There is only one evaluated task", "The cross-entropy is all of the loss.")
        .doesNotContain("id=\"table-attention\"", "id=\"table-forgotten\"", "class=\"notice\"");
    TestRun two = TestRun.in(folder, TWO, "method.name = seq-lora");
    assertThat(html(two)).contains("The run is not finished. Still to be learnt: order.");
    assertThat(two.run("prepare", "order").code()).isZero();
    assertThat(two.run("train").code()).isZero();
    assertThat(html(two))
        .contains("Learnt and not evaluated yet: order. Scores are those after colour.")
        .contains("<b>t2</b> <span class=\"name\">order</span>");
  }

  @Test
  void aRunWithoutEvaluationShowsWhatThereIs() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour"));
    assertThat(run.run("prepare").code()).isZero();
    assertThat(html(run)).contains("No task is learnt yet. Run dapt run or dapt learn");
    assertThat(run.run("train").code()).isZero();
    assertThat(html(run))
        .contains("Nothing is evaluated yet, so there are no scores here.", "id=\"table-losses\"")
        .contains("Reflection took part in no step.")
        .doesNotContain("id=\"matrix\"", "class=\"cards\"");
    TestRun.Ended text = run.run("report", "--html", page().toString());
    assertThat(text.out()).contains("has no scores yet");
    assertThat(run.run("report").code()).isEqualTo(3);
    Path losses = folder.resolve("run/tasks/01-colour/training.parquet");
    Files.move(losses, folder.resolve("elsewhere"));
    TestRun.Ended damaged = run.run("report", "--html", page().toString());
    assertThat(damaged.code()).isEqualTo(3);
    assertThat(damaged.err()).contains(losses.toString()).doesNotContain("\tat ");
  }

  @Test
  void aFileThatCannotBeWrittenIsRefusedBeforeAnythingIsComputed() throws IOException {
    TestRun run = TestRun.in(folder, List.of("colour"));
    assertThat(run.run("prepare").code()).isZero();
    for (String file :
        List.of(folder.toString(), folder.resolve("no/such/page.html").toString(), "nofs://a/b")) {
      TestRun.Ended ended = run.run("report", "--html", file);
      assertThat(ended.code()).isEqualTo(2);
      assertThat(ended.err())
          .contains("The report cannot be written to " + file)
          .doesNotContain("\tat ");
    }
  }

  private Path page() {
    return folder.resolve("page.html");
  }

  /** Makes the page and returns it. */
  private String html(TestRun run) throws IOException {
    TestRun.Ended ended = run.run("report", "--html", page().toString());
    assertThat(ended.err()).doesNotContain("unexpected");
    assertThat(ended.code()).isZero();
    return Files.readString(page());
  }
}
