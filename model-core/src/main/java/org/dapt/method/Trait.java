package org.dapt.method;

/** What the rest of dapt has to know of a method; see {@link ContinualMethod#traits}. */
public enum Trait {
  /** An input can be answered only when its task is known. */
  NEEDS_TASK,
  /**
   * Blocks are weighed for every input: its predictors have {@link Predictor#attentionWeights}, so
   * that it can be asked how often an input gets its own task's block.
   */
  CHOOSES_BLOCKS,
  /**
   * It wants replayed inputs of earlier tasks with the mean attention that they had: what {@link
   * LearntTask#meanAttention} holds is kept for them.
   */
  REFLECTS,
  /** Tasks are learnt independently, so its scores may be the reference of forward transfer. */
  TRANSFER_REFERENCE,
  /**
   * All tasks are learnt together, with the last one of the order: nothing is kept of those before
   * it but empty blocks, and nothing is answered before.
   */
  AT_ONCE,
  /**
   * What is learnt of a task takes the place of what was learnt before: inputs are answered with
   * the last one alone, and the earlier ones are no more than a record.
   */
  ONE_BLOCK,
  /** The frozen model is all there is: {@link ContinualMethod#begin} is not called. */
  LEARNS_NOTHING
}
