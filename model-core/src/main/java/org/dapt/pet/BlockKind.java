package org.dapt.pet;

/** What the block of a task consists of. */
public enum BlockKind {
  /** A pair of matrices for every adapted projection: {@link LoraBlock}. */
  LORA,
  /**
   * The same with a gate of the input in front of each block, which no format of adapters has a
   * place for.
   */
  GATED_LORA,
  /** Embeddings in front of the input: {@link PromptBlock}. */
  PROMPT,
  /** Something else, which no format of adapters has a place for. */
  OTHER;

  /** What the mixture of such blocks for one input consists of. */
  public BlockKind mixed() {
    return this == GATED_LORA ? LORA : this;
  }

  /** Whether it adapts the layers that {@code lora.targets} names. */
  public boolean hasMatrices() {
    return this == LORA || this == GATED_LORA;
  }
}
