package org.dapt.metric;

import java.util.ArrayList;
import java.util.List;

/**
 * The rules of one step of a stemmer: the first rule whose suffix matches decides, even if its
 * condition fails.
 */
record SuffixRules(int minMeasure, List<Rule> rules) {
  private record Rule(String suffix, int stemLetters, String replacement) {}

  SuffixRules {
    rules = List.copyOf(rules);
  }

  /**
   * The rules {@code suffix=replacement} of the given lines, separated by spaces. A rule applies
   * where what stands before the suffix has at least {@code minMeasure}; letters of the suffix
   * before a bar belong to what stands before it.
   */
  static SuffixRules of(int minMeasure, String... lines) {
    List<Rule> rules = new ArrayList<>();
    for (String text : String.join(" ", lines).split(" ", -1)) {
      String replacement = text.substring(text.indexOf('=') + 1);
      String suffix = text.substring(0, text.indexOf('='));
      rules.add(new Rule(suffix.replace("|", ""), Math.max(0, suffix.indexOf('|')), replacement));
    }
    return new SuffixRules(minMeasure, rules);
  }

  /** The word after the rule that decides, or the word itself. */
  String apply(String word) {
    for (Rule rule : rules) {
      if (word.endsWith(rule.suffix)) {
        String stem = word.substring(0, word.length() - rule.suffix.length() + rule.stemLetters);
        return WordShape.measure(stem) >= minMeasure ? stem + rule.replacement : word;
      }
    }
    return word;
  }
}
