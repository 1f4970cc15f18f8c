package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.dapt.error.InputException;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ExactMatchTest {
  private final ExactMatch exactMatch = new ExactMatch();

  @Test
  void agreesWithTheBenchmarksCode() {
    for (JsonNode pair :
        Fixtures.jsonLines(Fixtures.folder("exact-match").resolve("pairs.jsonl"))) {
      String prediction = pair.get("prediction").textValue();
      List<String> references = new ArrayList<>();
      for (JsonNode reference : pair.get("references")) {
        assertThat(exactMatch.normalise(reference.textValue()))
            .as("reference of %s", pair)
            .isEqualTo(pair.get("normalised_references").get(references.size()).textValue());
        references.add(reference.textValue());
      }
      assertThat(exactMatch.normalise(prediction))
          .as("prediction of %s", pair)
          .isEqualTo(pair.get("normalised").textValue());
      assertThat(exactMatch.matches(prediction, references))
          .as("%s", pair)
          .isEqualTo(pair.get("match").booleanValue());
    }
  }

  @Test
  void keepsArticlesUnlikeTheUsualAnswerMatch() {
    assertThat(exactMatch.matches("the cat", List.of("cat"))).isFalse();
  }

  @Test
  void joinsWhatPunctuationDivided() {
    assertThat(exactMatch.normalise(" Well-known,  U.S.A. !")).isEqualTo("wellknown usa");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "Yes.", "", "  two\twords "})
  void normalFormsAreFixed(String text) {
    String normal = exactMatch.normalise(text);
    assertThat(exactMatch.normalise(normal)).isEqualTo(normal);
    assertThat(exactMatch.matches(text, List.of("other", normal))).isTrue();
  }

  @Test
  void needsAReference() {
    assertThatThrownBy(() -> exactMatch.matches("yes", List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("at least one is expected");
  }
}
