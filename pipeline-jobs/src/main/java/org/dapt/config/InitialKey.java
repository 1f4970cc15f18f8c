package org.dapt.config;

/** Where the key of a new task starts. */
public enum InitialKey {
  /** So that the attention tells the task from those before. */
  FITTED,
  /** Drawn evenly from ±1: as published. */
  UNIFORM
}
