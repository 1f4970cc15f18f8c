package org.dapt.run;

import org.apache.hadoop.fs.Path;
import org.dapt.data.reader.TaskFolder;

/**
 * Where prepared data and the results of evaluations lie: in a run directory those of the tasks
 * that it learns, in a folder for each set of unseen tasks those of these.
 *
 * @param root the folder that all results lie below
 * @param data the folder of the prepared data
 */
public record ResultFolders(Path root, Path data) {
  /** All of it below one folder. */
  public ResultFolders(Path root) {
    this(root, RunFolder.DATA.in(root));
  }

  /**
   * With prepared data elsewhere.
   *
   * @param data their folder, relative to the root or absolute; null for that below the root
   */
  static ResultFolders of(Path root, String data) {
    return data == null ? new ResultFolders(root) : new ResultFolders(root, new Path(root, data));
  }

  /** The prepared data of {@code task}. */
  public Path data(String task) {
    return new Path(data, name(task));
  }

  /** The scores after learning {@code step} tasks. */
  public Path scores(int step) {
    return new Path(scores(), RunFolder.ofStep(step));
  }

  /** The scores of all steps. */
  public Path scores() {
    return RunFolder.SCORES.in(root);
  }

  /** The predictions on all tasks after learning {@code step} tasks. */
  public Path predictions(int step) {
    return new Path(RunFolder.PREDICTIONS.in(root), RunFolder.ofStep(step));
  }

  /**
   * The predictions on {@code task} after learning {@code step} tasks. Readers of partitioned
   * tables take a per cent sign and two digits in the name of a folder for another character, so
   * that the sign is written as they do.
   */
  public Path predictions(int step, String task) {
    return new Path(predictions(step), RunFolder.TASK + "=" + name(task).replace("%", "%25"));
  }

  /** The mean attention per task after learning {@code step} tasks. */
  public Path attention(int step) {
    return new Path(RunFolder.ATTENTION.in(root), RunFolder.ofStep(step));
  }

  private static String name(String task) {
    TaskFolder.checkName(task);
    return task;
  }
}
