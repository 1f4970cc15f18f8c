package org.dapt.pet;

/** What the block of a task consists of. */
public enum BlockKind {
  /** A pair of matrices for every adapted projection: {@link LoraBlock}. */
  LORA,
  /** Embeddings in front of the input: {@link PromptBlock}. */
  PROMPT,
  /** Something else, which no format of adapters has a place for. */
  OTHER
}
