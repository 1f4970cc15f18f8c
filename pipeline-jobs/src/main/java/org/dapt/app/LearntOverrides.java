package org.dapt.app;

import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValueFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.dapt.config.DaptConfig;
import org.dapt.config.TaskSettings;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.table.FieldNames;
import org.dapt.data.table.TableFormat;
import org.dapt.data.table.TableTasks;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.learn.TrainInputs;
import org.dapt.run.RunDirectory;
import org.dapt.run.TrainingSummary;

/**
 * What was different for the tasks that a run has learnt. Their markers hold it, for a task may get
 * its overrides after the run was started.
 *
 * @param byTask of all learnt tasks; of one without overrides it is empty
 */
record LearntOverrides(Map<String, Map<String, Object>> byTask) {
  private static final String SECTION = "tasks.overrides";

  /** Those of {@code run}. */
  static LearntOverrides of(RunDirectory run) {
    Map<String, Map<String, Object>> byTask = new TreeMap<>();
    List<String> learnt = run.learnt();
    for (int i = 0; i < learnt.size(); i++) {
      String task = learnt.get(i);
      byTask.put(task, TrainingSummary.overrides(run.marker(run.task(i + 1, task))));
    }
    return new LearntOverrides(byTask);
  }

  /** The stored configuration {@code text} with these in the place of what it has for the tasks. */
  String over(String text) {
    StringBuilder all = new StringBuilder(text);
    byTask.forEach(
        (task, overrides) -> {
          String section = ConfigUtil.joinPath("tasks", "overrides", task);
          if (overrides.isEmpty() && !ConfigFactory.parseString(text).hasPath(section)) {
            return;
          }
          all.append('\n').append(section).append(" = null\n");
          overrides.forEach(
              (key, value) ->
                  all.append(section)
                      .append('.')
                      .append(key)
                      .append(" = ")
                      .append(
                          ConfigValueFactory.fromAnyRef(value)
                              .render(ConfigRenderOptions.concise()))
                      .append('\n'));
        });
    return all.toString();
  }

  /**
   * Refuses a configuration with other overrides of a task that is learnt.
   *
   * @throws ConfigException with all differences
   */
  void require(DaptConfig config) {
    List<String> differences = new ArrayList<>();
    byTask.forEach(
        (task, before) -> {
          Map<String, Object> now = TrainInputs.overrides(config, task);
          TreeSet<String> keys = new TreeSet<>(before.keySet());
          keys.addAll(now.keySet());
          for (String key : keys) {
            String then = shown(before.get(key));
            String here = shown(now.get(key));
            if (!then.equals(here)) {
              differences.add(
                  "%s: %s in the run, %s now"
                      .formatted(ConfigUtil.joinPath("tasks", "overrides", task, key), then, here));
            }
          }
        });
    if (!differences.isEmpty()) {
      throw new ConfigException(
          "run.dir = %s has learnt tasks with other settings of their own:%n  %s%nTake another run.dir, or undo the changes: only tasks that are yet to be learnt may get other ones."
              .formatted(config.run().dir(), String.join("\n  ", differences)));
    }
  }

  /**
   * Refuses overrides of what is no task: neither learnt nor in {@code tasks.order}, nor at {@code
   * tasks.root}.
   */
  void requireTasks(DaptConfig config, Configuration hadoop) {
    for (String task : config.tasks().overrides().keySet()) {
      if (byTask.containsKey(task) || config.tasks().order().contains(task)) {
        continue;
      }
      try {
        requireTask(config.tasks(), hadoop, task);
      } catch (InputException | IOException e) {
        throw new ConfigException(
            "%s has settings of %s, which is no task: %s"
                .formatted(SECTION, ConfigUtil.joinPath(task), e.getMessage()),
            e);
      }
    }
  }

  private static void requireTask(TaskSettings tasks, Configuration hadoop, String task)
      throws IOException {
    if (TaskFormat.of(tasks.format()) instanceof TableFormat table) {
      new TableTasks(hadoop, table, FieldNames.of(tasks.fields()), Split.TRAIN)
          .require(tasks.root(), task);
    } else {
      TaskFolder.find(hadoop, tasks.root(), task);
    }
  }

  private static String shown(Object value) {
    return value == null ? "not set" : value.toString();
  }
}
