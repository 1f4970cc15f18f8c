package org.dapt.method.dapt;

import java.util.List;
import org.dapt.method.MethodContext;

/**
 * The section {@code attention}.
 *
 * @param hidden width of the query network's hidden layer
 * @param temperature the attention's logits are divided by temperature · √d
 * @param center whether the attention sees of an input what sets it apart from random texts
 * @param fittedKey whether a new key is fitted to its task, or drawn
 * @param rate learning rate of keys and query network; 0 for that of the task
 */
record AttentionOptions(
    int hidden, double temperature, boolean center, boolean fittedKey, double rate) {
  private static final String FITTED = "fitted";

  static AttentionOptions of(MethodContext context) {
    return context.shared(
        "attention",
        in ->
            new AttentionOptions(
                in.wholeNumber("hidden", 1, null),
                in.positive("temperature", null),
                in.flag("center", false),
                in.choice("initial-key", List.of(FITTED, "uniform"), "uniform").equals(FITTED),
                in.number("learning-rate", 0, Double.MAX_VALUE, 0.0)));
  }

  /**
   * The learning rate of keys and query network.
   *
   * @param ofTask that of the task
   */
  double learningRate(double ofTask) {
    return rate == 0 ? ofTask : rate;
  }
}
