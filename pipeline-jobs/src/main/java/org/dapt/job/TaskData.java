package org.dapt.job;

import org.dapt.config.DaptConfig;
import org.dapt.config.TaskSettings;
import org.dapt.data.prepare.PrepareSettings;
import org.dapt.data.shard.Recipe;
import org.dapt.method.ContinualMethods;

/** How a configuration has the files of tasks prepared. */
public final class TaskData {
  private TaskData() {}

  /** What {@code task} is prepared with to be learnt. */
  public static PrepareSettings settings(DaptConfig config, String task) {
    TaskSettings tasks = config.forTask(task).tasks();
    return new PrepareSettings(
        tasks.root(),
        config.model().path(),
        recipe(tasks),
        tasks.metric(),
        /* testOnly= */ false,
        prefix(config));
  }

  /**
   * What {@code task} is prepared with to be tested without being learnt.
   *
   * @param root where its files are
   */
  public static PrepareSettings unseen(DaptConfig config, String root, String task) {
    TaskSettings tasks = config.forTask(task).tasks();
    return new PrepareSettings(
        root,
        config.model().path(),
        recipe(tasks),
        tasks.metric(),
        /* testOnly= */ true,
        prefix(config));
  }

  /** Embeddings in front of an input when all tasks of the order are learnt. */
  private static int prefix(DaptConfig config) {
    return ContinualMethods.named(config.method().name())
        .prefix(JobContext.methodOptions(config), Math.max(1, config.tasks().order().size()));
  }

  /** What decides the content of the data of tasks that have no settings of their own. */
  public static Recipe recipe(TaskSettings tasks) {
    return new Recipe(
        tasks.format(),
        tasks.template(),
        tasks.maxSourceTokens(),
        tasks.maxTargetTokens(),
        tasks.shards(),
        tasks.holdOut(),
        tasks.splitSeed(),
        tasks.beginOfText(),
        tasks.maxTrain(),
        tasks.maxDev(),
        tasks.maxTest(),
        tasks.fields(),
        tasks.badRows());
  }
}
