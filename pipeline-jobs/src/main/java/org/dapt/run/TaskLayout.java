package org.dapt.run;

/** The names of what lies in the folder of a learnt task, and in that of its pseudo samples. */
public final class TaskLayout {
  /** The learnt block. */
  public static final String BLOCK = "block.safetensors";

  /** Key and query network, as they were right after the task. */
  public static final String ATTENTION = "attention.safetensors";

  /** The attention target: mean attention over the task's dev split. */
  public static final String TARGET = "target.json";

  /** Losses by step. */
  public static final String TRAINING = "training.parquet";

  /** States of a training that is not at its end. */
  public static final String CHECKPOINTS = "checkpoints";

  /** The block that makes pseudo samples up. */
  public static final String GENERATOR = "generator.safetensors";

  /** What it made up. */
  public static final String SAMPLES = "samples.parquet";

  private TaskLayout() {}
}
