package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.dapt.error.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnicodeRougeLTest {
  private final UnicodeRougeL rouge = new UnicodeRougeL();

  /** The scores come from a script of Python's unicodedata and re, written from the definition. */
  @ParameterizedTest
  @CsvSource({
    "这个数字是偶数。, 这个数字是奇数, 0.8571428571428571",
    "Кошка сидит на ковре, кошка спит на ковре, 0.75",
    "القط على السجادة, القط فوق السجادة, 0.6666666666666666",
    "กินข้าวแล้ว, กินข้าวเช้า, 0.625",
    "東京タワーに行く, 東京に行った, 0.5714285714285715",
    "नमस्ते दुनिया, नमस्ते भारत, 0.5",
    "한국어 문장입니다, 한국어 문장, 0.5",
    "ΟΔΟΣ 12, οδος 12, 1.0",
    "Ｔｈｅ Café nº ２, the café no 2, 1.0",
    "cats, cat, 0",
    "!?, 是, 0"
  })
  void scoresTextsOfAnyScript(String prediction, String reference, double score) {
    assertThat(rouge.score(prediction, List.of(reference))).isCloseTo(score, within(1e-12));
  }

  @Test
  void theLargestScoreOverTheReferencesCounts() {
    assertThat(rouge.score("偶数", List.of("奇数", "偶数"))).isEqualTo(1);
    assertThatThrownBy(() -> rouge.score("偶数", List.of()))
        .isInstanceOf(InputException.class)
        .hasMessageContaining("no reference to score the prediction \"偶数\"");
  }

  @Test
  void scriptsWithoutSpacesAreReadByTheCharacterAndOthersByTheWord() {
    assertThat(UnicodeRougeL.tokens("東京タワーに12個, naïve नमस्ते กิน"))
        .containsExactly("東", "京", "タ", "ワ", "ー", "に", "12", "個", "naïve", "नमस्ते", "กิ", "น");
  }

  @Test
  void aMetricSeesATextThatHasSomethingItCounts() {
    assertThat(AnswerMetric.ROUGE_L.sees("偶数")).isFalse();
    assertThat(AnswerMetric.ROUGE_L.sees("偶数 7")).isTrue();
    assertThat(AnswerMetric.ROUGE_L_UNICODE.sees("偶数")).isTrue();
    assertThat(AnswerMetric.ROUGE_L_UNICODE.sees("。！")).isFalse();
    assertThat(AnswerMetric.EXACT_MATCH.sees("。")).isTrue();
    assertThat(AnswerMetric.EXACT_MATCH.sees(" ?! ")).isFalse();
  }
}
