package org.dapt.method.lora;

import org.dapt.method.MethodContext;

/**
 * The section {@code lora}.
 *
 * @param rank r of a block, at least 1
 * @param alpha α: a block's product is scaled by α / r
 */
public record LoraOptions(int rank, double alpha) {
  /** Those of {@code context}. */
  public static LoraOptions of(MethodContext context) {
    return context.shared(
        "lora", in -> new LoraOptions(in.wholeNumber("r", 1, null), in.positive("alpha", null)));
  }
}
