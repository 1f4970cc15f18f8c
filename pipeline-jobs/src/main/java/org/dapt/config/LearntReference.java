package org.dapt.config;

/** Which of its references an example is learnt with. */
public enum LearntReference {
  /** The first. */
  FIRST,
  /** A seeded draw for each example, the same in every epoch. */
  RANDOM
}
