package org.dapt.tokenizer;

import java.util.List;

/**
 * Takes out white space before punctuation and contractions, as {@code
 * clean_up_tokenization_spaces} of Transformers does.
 */
final class SpaceCleanUp {
  /** A space that goes, with what is around it: replaced one after the other, in this order. */
  private static final List<String> SPACED =
      List.of(" .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're");

  private SpaceCleanUp() {}

  static String of(String text) {
    String cleaned = text;
    for (String spaced : SPACED) {
      cleaned = cleaned.replace(spaced, spaced.strip());
    }
    return cleaned;
  }
}
