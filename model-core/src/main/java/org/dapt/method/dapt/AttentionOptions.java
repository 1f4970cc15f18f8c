package org.dapt.method.dapt;

import org.dapt.method.MethodContext;

/**
 * The section {@code attention}.
 *
 * @param hidden width of the query network's hidden layer
 * @param temperature the attention's logits are divided by temperature · √d
 */
record AttentionOptions(int hidden, double temperature) {
  static AttentionOptions of(MethodContext context) {
    return context.shared(
        "attention",
        in ->
            new AttentionOptions(
                in.wholeNumber("hidden", 1, null), in.positive("temperature", null)));
  }
}
