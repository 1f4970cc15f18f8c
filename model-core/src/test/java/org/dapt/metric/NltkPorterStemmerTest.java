package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NltkPorterStemmerTest {
  private final NltkPorterStemmer stemmer = new NltkPorterStemmer();

  @Test
  void stemsAsNltkDoes() throws IOException {
    List<String> lines = Files.readAllLines(Fixtures.folder("rouge").resolve("nltk-stems.tsv"));
    List<String> wrong = new ArrayList<>();
    for (String line : lines) {
      String[] pair = line.split("\t", -1);
      String stem = stemmer.stem(pair[0]);
      if (!stem.equals(pair[1])) {
        wrong.add(pair[0] + ": " + stem + " for " + pair[1]);
      }
    }
    assertThat(lines).isNotEmpty();
    assertThat(wrong).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    // Porter's own stemmer gives dy, ski, di, enjoi, new, proce.
    "dying, die",
    "skies, sky",
    "dies, die",
    "enjoy, enjoy",
    "news, news",
    "proceed, proceed",
    "lesion, lesion",
    "mission, mission",
    "adoption, adopt",
    "geology, geolog",
    "logi, logi"
  })
  void departsFromPorterWhereNltkDoes(String token, String stem) {
    assertThat(stemmer.stem(token)).isEqualTo(stem);
  }

  @Test
  void leavesTokensOfUpToTwoCharactersAlone() {
    assertThat(List.of("", "s", "as", "ed", "y", "1s"))
        .allSatisfy(token -> assertThat(stemmer.stem(token)).isEqualTo(token));
  }

  @Test
  void copesWithVeryLongTokens() {
    // 100,000 letters, alternately consonant and vowel: the y at the end follows a vowel and stays.
    String token = "y".repeat(100_001);
    assertThat(stemmer.stem(token)).isEqualTo(token);
  }
}
