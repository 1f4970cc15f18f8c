package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.dapt.metric.ScoreMatrices.row;

import java.util.List;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;

class ScoreMatrixTest {
  @Test
  void tellsMissingScoresFromZeros() {
    ScoreMatrix matrix = ScoreMatrices.of(row(0), row(Double.NaN, 100));
    assertThat(matrix.score(0, 0)).hasValue(0);
    assertThat(matrix.score(1, 0)).isEmpty();
    assertThat(matrix.score(1, 1)).hasValue(100);
  }

  @Test
  void isNotChangedByItsBuilder() {
    ScoreMatrix.Builder builder = ScoreMatrix.of(List.of("tense", "advice")).set(0, 0, 50);
    ScoreMatrix early = builder.build();
    builder.set(1, 1, 60);
    assertThat(early.score(1, 1)).isEmpty();
    assertThat(builder.build().score(1, 1)).hasValue(60);
  }

  @Test
  void firstTasksAreWhatWasKnownThen() {
    ScoreMatrix first = ScoreMatrices.of(row(10), row(20, 30), row(40, 50, 60)).first(2);
    assertThat(first.tasks()).containsExactly("task0", "task1");
    assertThat(first.score(1, 0)).hasValue(20);
    assertThatThrownBy(() -> first.score(2, 0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> first.first(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> first.first(0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void refusesWhatIsNoScore() {
    for (double score : new double[] {-0.1, 100.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> ScoreMatrix.of(List.of("tense")).set(0, 0, score))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("task tense after learning tense is " + score)
          .hasMessageContaining("0 to 100 is expected");
    }
  }

  @Test
  void refusesScoresOnTasksNotLearntYet() {
    ScoreMatrix.Builder builder = ScoreMatrix.of(List.of("tense", "advice"));
    int[][] outside = {{0, 1}, {2, 0}, {1, -1}, {-1, -1}};
    for (int[] entry : outside) {
      assertThatThrownBy(() -> builder.set(entry[0], entry[1], 50))
          .isInstanceOf(InputException.class)
          .hasMessageContaining("a score on task " + entry[1] + " after learning task " + entry[0]);
    }
  }

  @Test
  void refusesASecondScoreForTheSameEntry() {
    ScoreMatrix.Builder builder = ScoreMatrix.of(List.of("tense")).set(0, 0, 50);
    assertThatThrownBy(() -> builder.set(0, 0, 50))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("given twice");
  }

  @Test
  void needsTasksWithDifferentNames() {
    assertThatThrownBy(() -> ScoreMatrix.of(List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("tasks.order");
    assertThatThrownBy(() -> ScoreMatrix.of(List.of("tense", "advice", "tense")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("task tense occurs twice");
  }
}
