package org.dapt.config;

/** What weighs the blocks when inputs are answered. */
public enum AttentionSelection {
  /** The attention: attentive selection, as published. */
  ATTENTION,
  /** Nothing: all blocks have the same weight. */
  UNIFORM
}
