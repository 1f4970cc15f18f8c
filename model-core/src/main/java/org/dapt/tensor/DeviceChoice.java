package org.dapt.tensor;

/** Which device computes. */
public enum DeviceChoice {
  /** The GPU that Spark gave to the task, else the processor. */
  AUTO,
  /** The processor, also where tasks are given GPUs. */
  CPU,
  /** A GPU, and nothing else. */
  CUDA
}
