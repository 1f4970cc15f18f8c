package org.dapt.metric;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;

/** How an answer is compared with its references: the values of {@code tasks.metric}. */
public enum AnswerMetric {
  /** {@link RougeL}. */
  ROUGE_L("rouge-l", "a letter a-z or a digit 0-9"),
  /** {@link UnicodeRougeL}. */
  ROUGE_L_UNICODE("rouge-l-unicode", "a letter or a digit"),
  /** {@link ExactMatch}. */
  EXACT_MATCH("exact-match", "anything but punctuation and white space");

  private final String text;
  private final String counted;

  AnswerMetric(String text, String counted) {
    this.text = text;
    this.counted = counted;
  }

  /** Its name in configurations and in stored scores. */
  public String text() {
    return text;
  }

  /** What a text must have for it to count, for messages. */
  public String counted() {
    return counted;
  }

  /** The names of all. */
  public static List<String> names() {
    return Arrays.stream(values()).map(AnswerMetric::text).toList();
  }

  /** The one with the name {@code text}. */
  public static Optional<AnswerMetric> named(String text) {
    return Arrays.stream(values()).filter(metric -> metric.text.equals(text)).findFirst();
  }

  /**
   * Whether {@code reference} has something that this metric looks at. Against one that has not,
   * every answer scores the same, or only answers without anything match.
   */
  public boolean sees(String reference) {
    return switch (this) {
      case ROUGE_L -> RougeL.hasToken(reference);
      case ROUGE_L_UNICODE -> UnicodeRougeL.hasToken(reference);
      case EXACT_MATCH -> !new ExactMatch().normalise(reference).isEmpty();
    };
  }

  /**
   * Scores an answer against its references, the best of them, from 0 to 1. Not safe for use by
   * several threads.
   */
  public ToDoubleBiFunction<String, List<String>> scorer() {
    return switch (this) {
      case ROUGE_L -> new RougeL()::score;
      case ROUGE_L_UNICODE -> new UnicodeRougeL()::score;
      case EXACT_MATCH -> {
        ExactMatch exact = new ExactMatch();
        yield (answer, references) -> exact.matches(answer, references) ? 1 : 0;
      }
    };
  }
}
