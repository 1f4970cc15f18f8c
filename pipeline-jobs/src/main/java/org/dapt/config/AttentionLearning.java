package org.dapt.config;

/** What answers the inputs of a new task while it is learnt. */
public enum AttentionLearning {
  /** All blocks, weighed by the attention: attentive learning, as published. */
  MIXTURE,
  /** The task's own block, so that nothing goes over from earlier ones. */
  OWN_BLOCK
}
