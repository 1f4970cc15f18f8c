package org.dapt.run;

import java.util.Locale;
import org.apache.hadoop.fs.Path;

/** The folders of a run directory, and the names of what lies in them by task and by step. */
public enum RunFolder {
  /** Prepared data, a folder for each task. */
  DATA("data"),

  /** What was learnt, a folder for each task. */
  TASKS("tasks"),

  /** Keys and query networks that were fitted after tasks were learnt, by step. */
  SELECTION("selection"),

  /** Pseudo samples, a folder for each task. */
  PSEUDO("pseudo"),

  /** Answers to the test examples, by step and task. */
  PREDICTIONS("predictions"),

  /** Mean attention, by step. */
  ATTENTION("attention"),

  /** Scores, by step. */
  SCORES("scores"),

  /** What became of tasks that are never learnt, a folder for each set of them. */
  UNSEEN("unseen");

  /** The partition column that names of folders have the step of. */
  public static final String STEP = "step";

  /** The partition column that names of folders have the task of. */
  public static final String TASK = "task";

  private final String folder;

  RunFolder(String folder) {
    this.folder = folder;
  }

  /** Its name. */
  public String folder() {
    return folder;
  }

  /** The folder in the run directory {@code root}. */
  public Path in(Path root) {
    return new Path(root, folder);
  }

  /** The name of the folder of the task at {@code position} of the order, counted from 1. */
  public static String ofTask(int position, String task) {
    return String.format(Locale.ROOT, "%02d-%s", counted(position), task);
  }

  /** The name of the folder of what is there after {@code step} tasks, counted from 1. */
  public static String ofStep(int step) {
    return String.format(Locale.ROOT, "%s=%04d", STEP, counted(step));
  }

  private static int counted(int position) {
    if (position < 1) {
      throw new IllegalArgumentException("position " + position + ", they count from 1");
    }
    return position;
  }
}
