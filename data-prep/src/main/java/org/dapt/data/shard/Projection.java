package org.dapt.data.shard;

/** Which columns of a shard are read. */
public enum Projection {
  /** All columns. */
  ALL,
  /**
   * What a training step needs: {@code index}, {@code id}, {@code source_ids} and {@code
   * target_ids}.
   */
  TRAINING,
  /** The same and {@code references}. */
  REFERENCES
}
