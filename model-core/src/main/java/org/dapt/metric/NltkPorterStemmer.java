package org.dapt.metric;

import java.util.List;
import java.util.Map;

/**
 * The Porter stemmer with the departures of Python's NLTK (its default mode), which Google's {@code
 * rouge_score} uses.
 *
 * <p>M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980. The departures are a
 * table of irregular forms, {@code ie} kept in words of four letters, {@code y} turned into {@code
 * i} only behind a consonant, more suffixes in step 2, and words of two letters that count as
 * ending in consonant-vowel-consonant. Digits are consonants.
 */
public final class NltkPorterStemmer {
  private static final Map<String, String> IRREGULAR =
      Map.ofEntries(
          Map.entry("sky", "sky"),
          Map.entry("skies", "sky"),
          Map.entry("dying", "die"),
          Map.entry("lying", "lie"),
          Map.entry("tying", "tie"),
          Map.entry("news", "news"),
          Map.entry("innings", "inning"),
          Map.entry("inning", "inning"),
          Map.entry("outings", "outing"),
          Map.entry("outing", "outing"),
          Map.entry("cannings", "canning"),
          Map.entry("canning", "canning"),
          Map.entry("howe", "howe"),
          Map.entry("proceed", "proceed"),
          Map.entry("exceed", "exceed"),
          Map.entry("succeed", "succeed"));

  /** The condition of steps 2 and 3 is a measure of at least 1. */
  private static final SuffixRules STEP_2 =
      SuffixRules.of(
          1,
          "ational=ate tional=tion enci=ence anci=ance izer=ize bli=ble entli=ent eli=e ousli=ous ization=ize",
          "ation=ate ator=ate alism=al iveness=ive fulness=ful ousness=ous aliti=al iviti=ive biliti=ble",
          "fulli=ful l|ogi=og");

  private static final SuffixRules STEP_3 =
      SuffixRules.of(1, "icate=ic ative= alize=al iciti=ic ical=ic ful= ness=");

  /** The condition of step 4 is a measure of at least 2. */
  private static final SuffixRules STEP_4 =
      SuffixRules.of(
          2,
          "al= ance= ence= er= ic= able= ible= ant= ement= ment= ent= s|ion= t|ion= ou= ism= ate= iti= ous= ive= ize=");

  /**
   * The stem of {@code token}, which consists of lower-case ASCII letters and digits. Tokens of up
   * to two characters are their own stems.
   */
  public String stem(String token) {
    String irregular = IRREGULAR.get(token);
    if (irregular != null) {
      return irregular;
    }
    if (token.length() <= 2) {
      return token;
    }
    String word = yToI(pastAndProgressive(plural(token)));
    word = step2(word);
    word = STEP_3.apply(word);
    word = STEP_4.apply(word);
    return doubleL(finalE(word));
  }

  /** Step 1a. */
  private static String plural(String word) {
    if (word.endsWith("sses")) {
      return cut(word, 2);
    }
    if (word.endsWith("ies")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    return word.endsWith("s") && !word.endsWith("ss") ? cut(word, 1) : word;
  }

  /** Step 1b. */
  private static String pastAndProgressive(String word) {
    if (word.endsWith("ied")) {
      return cut(word, word.length() == 4 ? 1 : 2);
    }
    if (word.endsWith("eed")) {
      return WordShape.measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
    }
    for (String suffix : List.of("ed", "ing")) {
      String stem = word.endsWith(suffix) ? cut(word, suffix.length()) : "";
      if (WordShape.hasVowel(stem)) {
        return mended(stem);
      }
    }
    return word;
  }

  /** What step 1b leaves, with the e that the suffix took or without the letter that it doubled. */
  private static String mended(String stem) {
    if (stem.endsWith("at") || stem.endsWith("bl") || stem.endsWith("iz")) {
      return stem + "e";
    }
    if (WordShape.endsInDoubleConsonant(stem)) {
      return "lsz".indexOf(stem.charAt(stem.length() - 1)) < 0 ? cut(stem, 1) : stem;
    }
    return WordShape.measure(stem) == 1 && WordShape.endsInShortSyllable(stem) ? stem + "e" : stem;
  }

  /** Step 1c. */
  private static String yToI(String word) {
    String stem = word.endsWith("y") ? cut(word, 1) : "";
    return stem.length() > 1 && WordShape.endsInConsonant(stem) ? stem + "i" : word;
  }

  private static String step2(String word) {
    // Once more, so that further suffixes go: analogicalli, analogical.
    if (word.endsWith("alli") && WordShape.measure(cut(word, 4)) > 0) {
      return step2(cut(word, 2));
    }
    return STEP_2.apply(word);
  }

  /** Step 5a. */
  private static String finalE(String word) {
    if (!word.endsWith("e")) {
      return word;
    }
    String stem = cut(word, 1);
    int measure = WordShape.measure(stem);
    return measure > 1 || (measure == 1 && !WordShape.endsInShortSyllable(stem)) ? stem : word;
  }

  /** Step 5b. */
  private static String doubleL(String word) {
    return word.endsWith("ll") && WordShape.measure(cut(word, 1)) > 1 ? cut(word, 1) : word;
  }

  private static String cut(String word, int letters) {
    return word.substring(0, word.length() - letters);
  }
}
