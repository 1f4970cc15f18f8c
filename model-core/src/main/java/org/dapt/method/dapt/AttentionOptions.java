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
 * @param ownShare which share of its own inputs' weight a new block is held at; 0 for none
 * @param rateFactor learning rate of keys and query network, as a factor of the task's
 */
record AttentionOptions(
    int hidden,
    double temperature,
    boolean center,
    boolean fittedKey,
    double ownShare,
    double rateFactor) {
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
                in.number("own-share", 0, 0.999, 0.0),
                in.positive("learning-rate-factor", 1.0)));
  }
}
