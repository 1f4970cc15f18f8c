package org.dapt.method.lora;

import org.dapt.method.MethodContext;
import org.dapt.pet.LoraBlock;
import org.dapt.random.KeyedRandom;

/**
 * The section {@code lora}.
 *
 * @param rank r of a block, at least 1
 * @param alpha α: a block's product is scaled by α / r
 */
public record LoraOptions(int rank, double alpha) {
  /** Initial values of the block of {@code task}, which follow from the run's seed. */
  public static LoraBlock initial(MethodContext context, String task) {
    return LoraBlock.initial(
        context.adapted(),
        of(context).rank(),
        KeyedRandom.of(context.seed(), "initial-values", task),
        context.backbone().placement());
  }

  /** Those of {@code context}. */
  public static LoraOptions of(MethodContext context) {
    return context.shared(
        "lora", in -> new LoraOptions(in.wholeNumber("r", 1, null), in.positive("alpha", null)));
  }
}
