package org.dapt.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScoreMatricesTest {
  private static final List<String> TASKS = List.of("b", "a");

  private static final List<ScoreRow> ROWS =
      List.of(
          row(2, "a", "b", "test", ScoreRow.ROUGE_L, 30),
          row(2, "a", "a", "test", ScoreRow.ROUGE_L, 70),
          row(1, "b", "b", "test", ScoreRow.ROUGE_L, 50),
          row(1, "b", "b", "dev", ScoreRow.ROUGE_L, 51),
          row(1, "b", "b", "test", ScoreRow.EXACT_MATCH, 52));

  @Test
  void theMatrixHoldsTheTestScoresOfOneMetric() {
    var matrix = ScoreMatrices.of(ROWS, ScoreRow.ROUGE_L, TASKS);
    assertThat(matrix.score(0, 0)).hasValue(50);
    assertThat(matrix.score(1, 0)).hasValue(30);
    assertThat(matrix.score(1, 1)).hasValue(70);
  }

  @Test
  void entriesWithoutARowAreMissing() {
    var matrix = ScoreMatrices.of(ROWS, ScoreRow.EXACT_MATCH, TASKS);
    assertThat(matrix.score(0, 0)).hasValue(52);
    assertThat(matrix.score(1, 0)).isEmpty();
  }

  @Test
  void singleTaskScoresAreThoseRightAfterLearning() {
    assertThat(ScoreMatrices.singleTask(ROWS, ScoreRow.ROUGE_L))
        .containsExactly(Map.entry("b", 50.0), Map.entry("a", 70.0));
    assertThat(ScoreMatrices.singleTask(ROWS, ScoreRow.SELECTION_ACCURACY)).isEmpty();
  }

  @Test
  void scoresOfAnotherOrderOrRunAreRefused() {
    assertThatThrownBy(() -> ScoreMatrices.of(ROWS, ScoreRow.ROUGE_L, List.of("a", "b")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("has step 2, 1 is expected");
    assertThatThrownBy(() -> ScoreMatrices.of(ROWS, ScoreRow.ROUGE_L, List.of("b")))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("task a, which is not among the tasks [b]");
    var twice = List.of(ROWS.get(2), ROWS.get(2));
    assertThatThrownBy(() -> ScoreMatrices.of(twice, ScoreRow.ROUGE_L, TASKS))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("given twice");
    assertThatThrownBy(() -> ScoreMatrices.singleTask(twice, ScoreRow.ROUGE_L))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("given twice");
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 100.1, Double.NaN})
  void aValueThatIsNoPercentageIsRefused(double value) {
    assertThatThrownBy(() -> row(1, "a", "a", "test", ScoreRow.ROUGE_L, value))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("0 to 100 is expected");
  }

  @Test
  void anUnknownMetricIsRefused() {
    assertThatThrownBy(() -> row(1, "a", "a", "test", "bleu", 5))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("bleu")
        .hasMessageContaining(ScoreRow.ROUGE_L);
  }

  private static ScoreRow row(
      int step, String learnt, String evaluated, String split, String metric, double value) {
    return new ScoreRow(
        "run", "m", 1, step, learnt, evaluated, split, metric, value, 9, "h", Instant.EPOCH);
  }
}
