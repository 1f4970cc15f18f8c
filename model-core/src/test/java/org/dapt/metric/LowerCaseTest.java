package org.dapt.metric;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LowerCaseTest {
  @ParameterizedTest
  @CsvSource({
    "ABC, abc",
    "\u0130X, i\u0307x",
    "\u212A\uFF21\u00DF, k\uFF41\u00DF",
    "\uD801\uDC00, \uD801\uDC28",
    // A sigma is final behind a cased letter with none following; full stops, apostrophes and
    // accents are looked through.
    "\u039F\u03A3, \u03BF\u03C2",
    "\u03A3, \u03C3",
    "\u03A3\u039F, \u03C3\u03BF",
    "\u039F\u03A3 \u039F, \u03BF\u03C2 \u03BF",
    "\u039F\u03A3.\u039F, \u03BF\u03C3.\u03BF",
    "\u039F\u03A3\u2019\u0301, \u03BF\u03C2\u2019\u0301",
    "\u039F\u03A3_\u039F, \u03BF\u03C2_\u03BF",
    "\u039F\u03A32\u039F, \u03BF\u03C22\u03BF",
    "1\u03A3, 1\u03C3"
  })
  void followsUnicodesRules(String text, String lower) {
    assertThat(LowerCase.of(text)).isEqualTo(lower);
  }
}
