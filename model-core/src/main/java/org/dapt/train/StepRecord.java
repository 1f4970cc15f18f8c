package org.dapt.train;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A step as it is recorded.
 *
 * @param seconds time of the step on rank 0; steps whose numbers were read together share theirs
 * @param exchangeSeconds the part of {@code seconds} that rank 0 spent in the sum over ranks,
 *     waiting for the slowest of them included
 */
public record StepRecord(StepReport report, double seconds, double exchangeSeconds)
    implements Serializable {
  private static final String STEP = "step";
  private static final String LOSS = "loss";
  private static final String CROSS_ENTROPY = "cross_entropy";
  private static final String SOURCE_TOKENS = "source_tokens";
  private static final String TARGET_TOKENS = "target_tokens";
  private static final String SECONDS = "seconds";
  private static final String EXCHANGE_SECONDS = "exchange_seconds";

  /** The values in front of a method's terms. */
  public static final List<String> FIRST = List.of(STEP, LOSS, CROSS_ENTROPY);

  /** The values behind them. */
  public static final List<String> LAST =
      List.of(SOURCE_TOKENS, TARGET_TOKENS, SECONDS, EXCHANGE_SECONDS);

  /** Those values that are whole numbers. */
  public static final List<String> WHOLE = List.of(STEP, SOURCE_TOKENS, TARGET_TOKENS);

  /** The names of all values where the method's terms are {@code terms}, in their order. */
  public static List<String> names(Collection<String> terms) {
    List<String> names = new ArrayList<>(FIRST);
    names.addAll(terms);
    names.addAll(LAST);
    return names;
  }

  /** Whether a term may have this {@code name}. */
  static boolean isTerm(String name) {
    return name.matches("[a-z][a-z0-9_]*") && !FIRST.contains(name) && !LAST.contains(name);
  }

  /** The step as plain numbers by name, in the order of {@link #names}. */
  public Map<String, Double> values() {
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(STEP, (double) report.step());
    values.put(LOSS, report.loss());
    values.put(CROSS_ENTROPY, report.crossEntropy());
    values.putAll(report.terms());
    values.put(SOURCE_TOKENS, (double) report.sourceTokens());
    values.put(TARGET_TOKENS, (double) report.targetTokens());
    values.put(SECONDS, seconds);
    values.put(EXCHANGE_SECONDS, exchangeSeconds);
    return values;
  }

  /** What {@link #values} gave. */
  public static StepRecord of(Map<String, Double> values) {
    Map<String, Double> terms = new LinkedHashMap<>(values);
    terms.keySet().removeAll(FIRST);
    terms.keySet().removeAll(LAST);
    return new StepRecord(
        new StepReport(
            values.get(STEP).longValue(),
            values.get(CROSS_ENTROPY),
            terms,
            values.get(LOSS),
            values.get(TARGET_TOKENS).longValue(),
            values.get(SOURCE_TOKENS).longValue()),
        values.get(SECONDS),
        values.get(EXCHANGE_SECONDS));
  }
}
