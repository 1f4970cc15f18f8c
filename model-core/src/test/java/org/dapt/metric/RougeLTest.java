package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;

class RougeLTest {
  private static final double TOLERANCE = 1e-12;
  private final RougeL rouge = new RougeL();

  @Test
  void scoresAsRougeScoreDoes() {
    for (JsonNode pair : Fixtures.jsonLines(Fixtures.folder("rouge").resolve("pairs.jsonl"))) {
      String prediction = pair.get("prediction").textValue();
      List<String> references = new ArrayList<>();
      pair.get("references").forEach(reference -> references.add(reference.textValue()));
      assertThat(references).as("references of %s", pair).isNotEmpty();
      for (int i = 0; i < references.size(); i++) {
        assertThat(rouge.score(prediction, references.get(i)))
            .as("reference %d of %s", i, pair)
            .isCloseTo(pair.get("each").get(i).doubleValue(), within(TOLERANCE));
      }
      assertThat(rouge.score(prediction, references))
          .as("best of %s", pair)
          .isCloseTo(pair.get("rougeL").doubleValue(), within(TOLERANCE));
    }
  }

  @Test
  void isTheF1OfTheLongestCommonSubsequence() {
    // "the cat sat" of 4 and of 6 tokens: precision 3/4, recall 3/6.
    assertThat(rouge.score("The cats sat quietly", "the cat sat on the mat"))
        .isCloseTo(0.6, within(TOLERANCE));
  }

  @Test
  void isSymmetricInItsTwoTexts() {
    String prediction = "a positive review, mostly";
    String reference = "mostly this is a positive review";
    assertThat(rouge.score(prediction, reference))
        .isEqualTo(rouge.score(reference, prediction))
        .isBetween(0.5, 0.9);
  }

  @Test
  void isZeroWithoutTokens() {
    assertThat(rouge.score("", "")).isZero();
    assertThat(rouge.score("?!", "yes")).isZero();
    assertThat(rouge.score("yes", " ")).isZero();
  }

  @Test
  void needsAReference() {
    assertThatThrownBy(() -> rouge.score("yes", List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("\"yes\"")
        .hasMessageContaining("at least one is expected");
  }

  @Test
  void comparesLongTexts() {
    // The table of the subsequence would have 400 million entries.
    String text = "one two three four ".repeat(5_000);
    assertThat(rouge.score(text + "five", text))
        .isCloseTo(2 * 20_000 / 40_001.0, within(TOLERANCE));
  }
}
