package org.dapt.data.prepare;

import java.io.Serializable;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which different texts became the same target ids, so that a model cannot tell them apart. White
 * space and the forms of a character that Unicode calls compatible make no difference: tokenizers
 * often take them as equal, and readers too. Bounded, for answers that are free text do not repeat.
 */
final class TargetTexts implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Different targets that are remembered. */
  private static final int TARGETS = 4096;

  /** Texts of one target that are remembered. */
  private static final int TEXTS = 64;

  private final TreeMap<String, TreeSet<String>> texts = new TreeMap<>();

  /** Takes the text of a target and its ids. */
  void add(String text, int[] ids) {
    add(Arrays.toString(ids), normal(text));
  }

  /** Takes what {@code more} has seen. */
  void addAll(TargetTexts more) {
    more.texts.forEach((ids, equal) -> equal.forEach(text -> add(ids, text)));
  }

  /** How many texts have the ids of another one. */
  int equal() {
    return texts.values().stream().mapToInt(equal -> equal.size() - 1).sum();
  }

  /** Two or three texts with the same ids; empty where there are none. */
  String example() {
    return texts.values().stream()
        .filter(equal -> equal.size() > 1)
        .findFirst()
        .map(
            equal ->
                equal.stream()
                    .limit(3)
                    .map(text -> "'" + text + "'")
                    .collect(Collectors.joining(", ")))
        .orElse("");
  }

  private void add(String ids, String text) {
    var equal = texts.get(ids);
    if (equal == null && texts.size() < TARGETS) {
      equal = new TreeSet<>();
      texts.put(ids, equal);
    }
    if (equal != null && equal.size() < TEXTS) {
      equal.add(text);
    }
  }

  private static String normal(String text) {
    return Normalizer.normalize(text, Normalizer.Form.NFKC).strip().replaceAll("\\s+", " ");
  }
}
