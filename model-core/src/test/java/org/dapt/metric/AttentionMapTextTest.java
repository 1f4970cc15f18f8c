package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AttentionMapTextTest {
  @Test
  void shadesEachWeightByItsFifth() {
    double[][] weights = {{0.97, 0.03, 0}, {0.25, 0.65, 0.1}, {0.5, Double.NaN, 1}};
    assertThat(AttentionMapText.render(List.of("tense", "advice", "topic"), weights))
        .isEqualTo(
            """
            Mean attention weight of each block (columns) on the inputs of each task (rows)

                      t1     t2     t3
            on t1  █0.97   0.03   0.00
            on t2  ░0.25  ▓0.65   0.10
            on t3  ▒0.50      –  █1.00

              t1   tense
              t2   advice
              t3   topic
            """);
  }

  @Test
  void continuesBlocksThatDoNotFitIntoALine() {
    List<String> tasks = IntStream.range(0, 15).mapToObj(i -> "task" + i).toList();
    double[][] weights = new double[15][15];
    IntStream.range(0, 15).forEach(i -> weights[i][i] = 1);
    String text = AttentionMapText.render(tasks, weights);
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
    assertThat(text.chars().filter(c -> c == '█').count()).isEqualTo(15);
    assertThat(Arrays.stream(text.split("\n")).filter(line -> line.startsWith("on t15 ")))
        .hasSize(2);
  }

  @Test
  void refusesWeightsOfOtherShape() {
    assertThatThrownBy(() -> AttentionMapText.render(List.of("a", "b"), new double[][] {{1, 0}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 rows for 2 tasks");
    assertThatThrownBy(
            () -> AttentionMapText.render(List.of("a", "b"), new double[][] {{1, 0}, {1}}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("1 weights for 2 tasks");
  }
}
