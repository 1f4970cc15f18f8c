package org.dapt.config;

/** How the divergences of replayed inputs are put together. */
public enum ReflectionAverage {
  /** The mean of each earlier task, added up over the tasks: as published. */
  PER_TASK,
  /** The mean over the inputs of all earlier tasks. */
  OVER_SAMPLES
}
