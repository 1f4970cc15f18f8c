package org.dapt.evaluate;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.read.Reference;
import org.dapt.data.prepare.TestTasks;
import org.dapt.error.ConfigException;
import org.dapt.error.Shown;
import org.dapt.job.AtOnce;
import org.dapt.job.TaskData;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.score.UnseenScores;

/**
 * The tasks of {@code evaluate.unseen} that a run has not learnt.
 *
 * @param folder where their files are
 * @param set what they are called together: the name of the folder
 * @param categories by task
 * @param learnt tasks of the folder that are left out
 */
public record UnseenTasks(
    String folder, String set, SortedMap<String, String> categories, List<String> learnt) {
  private static final String KEY = "evaluate.unseen";

  /** Keeps copies. */
  public UnseenTasks {
    categories = Collections.unmodifiableSortedMap(new TreeMap<>(categories));
    learnt = List.copyOf(learnt);
  }

  /** Whether {@code method} can answer inputs of a task that it has not learnt. */
  public static boolean canAnswer(String method) {
    return !ContinualMethods.named(method).has(Trait.NEEDS_TASK);
  }

  /** What the tasks of {@code evaluate.unseen}, which is set, are called together. */
  public static String set(DaptConfig config) {
    return new Path(config.evaluate().unseen()).getName();
  }

  /**
   * Refuses what cannot be evaluated, whatever the tasks are.
   *
   * @param tasks those learnt by then, the oldest first
   * @throws ConfigException if the key is not set, the method must be told the task of an input, or
   *     nothing is learnt before the last task of the order
   */
  public static void check(DaptConfig config, List<String> tasks) {
    String method = config.method().name();
    if (config.evaluate().unseen() == null) {
      throw new ConfigException(
          "%s is not set: name the folder of the tasks, there or behind --unseen.".formatted(KEY));
    }
    if (!canAnswer(method)) {
      throw new ConfigException(
          "%s is %s, but method %s answers only inputs whose task it has learnt and is told: leave the key out, or take another method."
              .formatted(KEY, config.evaluate().unseen(), method));
    }
    if (AtOnce.defers(config, tasks.size())) {
      throw new ConfigException(
          "Step %d has no answers to unseen tasks: method %s learns all %d tasks with the last one."
              .formatted(tasks.size(), method, config.tasks().order().size()));
    }
  }

  /**
   * Finds them.
   *
   * @param tasks those learnt by then
   * @throws ConfigException as {@link #check}, if all tasks there are learnt, or a category is
   *     stated of a task that is not there
   * @throws org.dapt.error.InputException if there are no tasks
   */
  public static UnseenTasks of(Configuration hadoop, DaptConfig config, List<String> tasks)
      throws IOException {
    check(config, tasks);
    String folder = config.evaluate().unseen();
    SortedMap<String, String> found;
    String set;
    try {
      set = new Path(folder).getName();
      found = new TreeMap<>(TestTasks.find(hadoop, folder, TaskData.recipe(config.tasks())));
    } catch (IllegalArgumentException e) {
      // Of file systems that do not allow all characters, as HDFS no colon.
      throw new ConfigException(
          "%s = %s cannot be used: %s. Give a folder with one folder per task."
              .formatted(KEY, folder, e.getMessage()),
          e);
    }
    checkName(set, folder);
    config
        .evaluate()
        .categories()
        .forEach(
            (task, category) -> {
              if (found.replace(task, category) == null) {
                throw new ConfigException(
                    "%s names %s, which is no task of %s (%s): correct the name or take it out."
                        .formatted(
                            Reference.CATEGORIES,
                            Shown.of(task),
                            folder,
                            String.join(", ", found.keySet())));
              }
            });
    List<String> learnt = new ArrayList<>(found.keySet());
    learnt.retainAll(tasks);
    found.keySet().removeAll(learnt);
    if (found.isEmpty()) {
      throw new ConfigException(
          "%s is %s, whose tasks are all learnt (%s): name a folder with others."
              .formatted(KEY, folder, String.join(", ", learnt)));
    }
    found.replaceAll((task, category) -> category.isEmpty() ? UnseenScores.NO_CATEGORY : category);
    return new UnseenTasks(folder, set, found, learnt);
  }

  /** It becomes the name of a folder of the run. */
  private static void checkName(String set, String folder) {
    if (set.isBlank()
        || set.startsWith(".")
        || set.startsWith("_")
        || set.chars().anyMatch(c -> c == ':' || Character.isISOControl(c))) {
      throw new ConfigException(
          "%s is %s, whose name '%s' cannot name the results: expected the name of a folder that starts with no dot or underscore and has no colon. Rename it."
              .formatted(KEY, folder, Shown.of(set)));
    }
  }

  /** Their names. */
  public List<String> tasks() {
    return List.copyOf(categories.keySet());
  }
}
