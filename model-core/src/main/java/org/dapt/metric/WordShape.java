package org.dapt.metric;

/** The conditions of Porter's paper, on the pattern of vowels and consonants of a word. */
final class WordShape {
  private WordShape() {}

  /** Porter's m: how many times consonants follow vowels. */
  static int measure(String word) {
    boolean[] consonant = consonants(word);
    int measure = 0;
    for (int i = 1; i < consonant.length; i++) {
      if (consonant[i] && !consonant[i - 1]) {
        measure++;
      }
    }
    return measure;
  }

  static boolean hasVowel(String word) {
    for (boolean consonant : consonants(word)) {
      if (!consonant) {
        return true;
      }
    }
    return false;
  }

  /** Whether the last letter is a consonant; false for the empty word. */
  static boolean endsInConsonant(String word) {
    return !word.isEmpty() && consonants(word)[word.length() - 1];
  }

  static boolean endsInDoubleConsonant(String word) {
    int end = word.length();
    return end >= 2 && word.charAt(end - 1) == word.charAt(end - 2) && endsInConsonant(word);
  }

  /**
   * Whether the word ends in consonant, vowel, consonant, the last not w, x or y; or, as NLTK has
   * it, is just a vowel and a consonant.
   */
  static boolean endsInShortSyllable(String word) {
    boolean[] consonant = consonants(word);
    int end = word.length();
    if (end == 2) {
      return !consonant[0] && consonant[1];
    }
    return end > 2
        && consonant[end - 3]
        && !consonant[end - 2]
        && consonant[end - 1]
        && "wxy".indexOf(word.charAt(end - 1)) < 0;
  }

  /**
   * For every letter whether it is a consonant: all but a, e, i, o, u and the y that follows a
   * consonant.
   */
  private static boolean[] consonants(String word) {
    boolean[] consonant = new boolean[word.length()];
    for (int i = 0; i < consonant.length; i++) {
      consonant[i] =
          switch (word.charAt(i)) {
            case 'a', 'e', 'i', 'o', 'u' -> false;
            case 'y' -> i == 0 || !consonant[i - 1];
            default -> true;
          };
    }
    return consonant;
  }
}
