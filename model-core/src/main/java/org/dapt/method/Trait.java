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
   * With {@link #CHOOSES_BLOCKS}: every layer weighs the blocks for itself, so that neither a block
   * nor a mixture of them stands for an input alone; the weights are means over the layers.
   */
  CHOOSES_BY_LAYER,
  /**
   * The weights of an input are gates of their own, each from 0 to 1, and do not sum to 1; with
   * {@link #CHOOSES_BLOCKS}.
   */
  WEIGHTS_ARE_GATES,
  /**
   * Inputs are answered with the sum of all blocks, whatever they are: one adapter holds what the
   * run answers with. Blocks are of LoRA.
   */
  ADDS_BLOCKS,
  /**
   * It wants replayed inputs of earlier tasks with the mean attention that they had: what {@link
   * LearntTask#meanAttention} holds is kept for them.
   */
  REFLECTS,
  /**
   * The block of a task stands in front of those of all tasks before it, and means nothing without
   * them: its adapter is all of them in a row, the newest first. Blocks are soft prompts.
   */
  CHAINS_BLOCKS,
  /**
   * What was learnt of a task is its block and what is kept with it, apart from those of the
   * others: it can be put into another run, or taken out.
   */
  SEPARATE_BLOCKS,
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
