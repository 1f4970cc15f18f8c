package org.dapt.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;

import org.dapt.fixture.Fixtures;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpaceCleanUpTest {
  /** Each as {@code clean_up_tokenization} of Transformers gives it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "yes .|yes.",
        "why ? no ! well , so .|why? no! well, so.",
        "rock ' n ' roll|rock'n'roll",
        "they do n't|they don't",
        "I 'm sure it 's fine|I'm sure it's fine",
        "we 've said you 're|we've said you're",
        "a  .|a .",
        "( a : b ) ;|( a : b ) ;",
        " . . .|...",
        "|",
      })
  void spacesBeforePunctuationAndContractionsGo(String text, String cleaned) {
    String given = text == null ? "" : text;
    assertThat(SpaceCleanUp.of(given)).isEqualTo(cleaned == null ? "" : cleaned);
  }

  @Test
  void aTokenizerDoesItWhereAsked() {
    try (TextTokenizer tokenizer = TextTokenizer.load(Fixtures.t5Tokenizer())) {
      int[] ids = tokenizer.encode("they do n't .", 64).ids();
      assertThat(tokenizer.decode(ids, false)).isEqualTo("they do n't .");
      assertThat(tokenizer.decode(ids, true)).isEqualTo("they don't.");
    }
  }
}
