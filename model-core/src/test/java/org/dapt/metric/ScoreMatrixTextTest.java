package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.dapt.metric.ScoreMatrices.row;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScoreMatrixTextTest {
  private static final double NONE = Double.NaN;

  @Test
  void showsScoresMetricsAndWhyOneIsMissing() {
    ScoreMatrix matrix =
        ScoreMatrices.of(
            List.of("tense", "advice", "topic"), row(80), row(84, 60), row(77, 55, 90));
    assertThat(ScoreMatrixText.render(matrix, ContinualMetrics.of(matrix)))
        .isEqualTo(
            """
            Score in per cent on each task (columns) after learning a task (rows)

                          tense advice  topic
            after tense   80.00
            after advice  84.00  60.00
            after topic   77.00  55.00  90.00

            AP    74.00
            F.Ra   6.00
            FWT  –  (needs evaluate.single-task-run, with scores of all these tasks)
            BWT   -2.67  (over T - 1: -4.00)
            """);
  }

  @Test
  void longNamesGetNumbersAndALegend() {
    List<String> names =
        List.of(
            "task1153_bard_analogical_reasoning_affordance",
            "task115_help_advice_classification",
            "task1434_head_qa_classification");
    ScoreMatrix matrix = ScoreMatrices.of(names, row(100), row(NONE, 60), row(77, 55, 0));
    assertThat(
            ScoreMatrixText.render(matrix, ContinualMetrics.of(matrix, Map.of(names.get(0), 1.0))))
        .isEqualTo(
            """
            Score in per cent on each task (columns) after learning a task (rows)

                         t1     t2     t3
            after t1 100.00
            after t2      –  60.00
            after t3  77.00  55.00   0.00

              t1   task1153_bard_analogical_reasoning_affordance
              t2   task115_help_advice_classification
              t3   task1434_head_qa_classification

            AP    44.00
            F.Ra –  (scores are missing)
            FWT  –  (needs evaluate.single-task-run, with scores of all these tasks)
            BWT   -9.33  (over T - 1: -14.00)
            """);
  }

  @Test
  void oneTaskHasNoForgetting() {
    ScoreMatrix matrix = ScoreMatrices.of(List.of("tense"), row(80));
    assertThat(ScoreMatrixText.render(matrix, ContinualMetrics.of(matrix, Map.of("tense", 80.004))))
        .endsWith(
            """
            AP    80.00
            F.Ra –  (needs two tasks)
            FWT   +0.00
            BWT   +0.00
            """);
  }

  @Test
  void sixAndFifteenTasksFitInOneTableOf100Columns() {
    for (int tasks : new int[] {6, 15}) {
      String text = renderFull(tasks, "task1234_name_of_an_average_length_%d");
      assertThat(text.lines())
          .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
      assertThat(text.lines().filter(line -> line.startsWith("after t"))).hasSize(tasks);
    }
  }

  @Test
  void moreTasksAreContinuedInAnotherTable() {
    String text = renderFull(20, "task1234_name_of_an_average_length_%d");
    assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    // The scores of the last row are in both tables, 20 in all.
    long scores =
        text.lines()
            .filter(line -> line.startsWith("after t20"))
            .mapToLong(line -> line.strip().split(" +", -1).length - 2L)
            .sum();
    assertThat(scores).isEqualTo(20);
  }

  @Test
  void numbersDoNotDependOnTheLocale() {
    Locale before = Locale.getDefault();
    try {
      Locale.setDefault(Locale.GERMANY);
      assertThat(renderFull(3, "t%d")).contains("100.00").doesNotContain("100,00");
    } finally {
      Locale.setDefault(before);
    }
  }

  private static String renderFull(int tasks, String name) {
    List<String> names = IntStream.range(0, tasks).mapToObj(i -> name.formatted(i)).toList();
    double[][] rows = new double[tasks][];
    for (int i = 0; i < tasks; i++) {
      rows[i] = IntStream.rangeClosed(0, i).mapToDouble(j -> 100).toArray();
    }
    ScoreMatrix matrix = ScoreMatrices.of(names, rows);
    return ScoreMatrixText.render(matrix, ContinualMetrics.of(matrix));
  }
}
