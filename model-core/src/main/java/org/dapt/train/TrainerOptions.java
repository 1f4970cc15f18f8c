package org.dapt.train;

import java.io.Serializable;

/**
 * How a task is learnt.
 *
 * @param learningRate of AdamW, which the schedule scales
 * @param schedule how the learning rate goes from step to step
 * @param weightDecay AdamW's, decoupled; 0 is none
 * @param microBatchTokens most tokens of a micro-batch on its longer side, padding included
 * @param maxGradientNorm gradients with a larger Euclidean norm are scaled down to it; 0 is off
 * @param verifyRanksEvery so many steps ranks compare their parameters; 0 is never
 * @param dropout of the frozen model's own layers; null for none
 * @param blockDropout of what LoRA blocks see; null for none
 * @param recompute whether layers are computed again on the way back, so that they need not keep
 *     their activations
 */
public record TrainerOptions(
    double learningRate,
    RateSchedule schedule,
    double weightDecay,
    int microBatchTokens,
    double maxGradientNorm,
    long verifyRanksEvery,
    ModelDropout dropout,
    BlockDropout blockDropout,
    boolean recompute)
    implements Serializable {
  /** With a constant learning rate, without weight decay and dropout of blocks. */
  public TrainerOptions(
      double learningRate,
      int microBatchTokens,
      double maxGradientNorm,
      long verifyRanksEvery,
      ModelDropout dropout,
      boolean recompute) {
    this(
        learningRate,
        RateSchedule.CONSTANT,
        0,
        microBatchTokens,
        maxGradientNorm,
        verifyRanksEvery,
        dropout,
        null,
        recompute);
  }

  /** The same without dropout, of ranks that are compared in their first step only. */
  public TrainerOptions(double learningRate, int microBatchTokens, double maxGradientNorm) {
    this(learningRate, microBatchTokens, maxGradientNorm, Long.MAX_VALUE, null, false);
  }
}
