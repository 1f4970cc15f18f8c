package org.dapt.compare.outcome;

/** A figure of a run. A further one is a constant here and a line where runs are read. */
public enum Measure {
  AP("ap", "AP", "%.2f", Kind.SCORE, "average performance: the mean score on all tasks at the end"),
  F_RA("f_ra", "F.Ra", "%.2f", Kind.SCORE, "forgetting rate: lower is better"),
  FWT(
      "fwt",
      "FWT",
      "%+.2f",
      Kind.SCORE,
      "forward transfer against the comparison's run of tasks learnt alone"),
  BWT("bwt", "BWT", "%+.2f", Kind.SCORE, "backward transfer"),
  SELECTION_ACCURACY(
      "selection_accuracy",
      "Selection",
      "%.2f",
      Kind.SCORE,
      "how often the block of an input's own task has the largest weight, at the end"),
  UNSEEN(
      "unseen_rouge_l",
      "Unseen ROUGE-L",
      "%.2f",
      Kind.SCORE,
      "the mean at the end over tasks that were not learnt"),
  TRAINED_PARAMETERS(
      "trained_parameters", "Trained parameters", "%,.0f", Kind.COST, "numbers learnt for a task"),
  BYTES_PER_TASK(
      "bytes_per_task", "Bytes kept per task", "%,.0f", Kind.COST, "files of blocks and attention"),
  SAMPLES_PER_TASK(
      "samples_per_task", "Samples kept per task", "%,.1f", Kind.COST, "examples kept for later"),
  STEPS("steps", "Steps", "%,.0f", Kind.COST, "optimizer steps of all tasks"),
  RANKS("ranks", "Ranks", "%,.1f", Kind.COST, "that learnt a task, in the mean over the tasks"),
  TRAINING_SECONDS("training_seconds", "Training s", "%,.0f", Kind.COST, "of all tasks"),
  SAMPLES_SECONDS(
      "samples_seconds",
      "Samples s",
      "%,.0f",
      Kind.COST,
      "of making samples up, with the training of what does"),
  EVALUATION_SECONDS("evaluation_seconds", "Evaluation s", "%,.0f", Kind.COST, "of all steps"),
  TOKENS_PER_SECOND("tokens_per_second", "Tokens/s", "%,.0f", Kind.COST, "while steps are taken"),
  PEAK_RESIDENT_MIB(
      "peak_resident_mib",
      "Peak memory MiB",
      "%,.0f",
      Kind.COST,
      "of a process that learns or answers"),
  PEAK_DEVICE_MIB("peak_device_mib", "Peak on GPU MiB", "%,.0f", Kind.COST, "tensors on its GPU");

  /** What a figure is about. */
  public enum Kind {
    /** How well the method does, in percentage points. */
    SCORE,
    /** What it takes. */
    COST
  }

  private final String key;
  private final String title;
  private final String format;
  private final Kind kind;
  private final String meaning;

  Measure(String key, String title, String format, Kind kind, String meaning) {
    this.key = key;
    this.title = title;
    this.format = format;
    this.kind = kind;
    this.meaning = meaning;
  }

  /** Its name in files. */
  public String key() {
    return key;
  }

  /** Its name for people. */
  public String title() {
    return title;
  }

  /** How a value is written for people. */
  public String format() {
    return format;
  }

  /** What it is about. */
  public Kind kind() {
    return kind;
  }

  /** What it is, in a few words. */
  public String meaning() {
    return meaning;
  }
}
