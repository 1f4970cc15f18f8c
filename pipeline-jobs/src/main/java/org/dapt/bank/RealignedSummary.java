package org.dapt.bank;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.run.Marker;

/** A {@link Realigned} in the summary of a marker. */
final class RealignedSummary {
  private static final String ENGINE = "engine";
  private static final String ROWS = "rows";
  private static final String BEFORE = "loss_before";
  private static final String AFTER = "loss_after";
  private static final String TASKS = "tasks";
  private static final String TASK = "task";
  private static final String INPUTS = "inputs";
  private static final String CHOSEN_BEFORE = "chosen_before";
  private static final String CHOSEN_AFTER = "chosen_after";

  private RealignedSummary() {}

  static Map<String, Object> of(Realigned realigned) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(ENGINE, realigned.engine());
    summary.put(ROWS, realigned.rows());
    summary.put(BEFORE, realigned.before());
    summary.put(AFTER, realigned.after());
    List<Map<String, Object>> tasks = new ArrayList<>();
    for (Realigned.Task task : realigned.tasks()) {
      Map<String, Object> of = new LinkedHashMap<>();
      of.put(TASK, task.task());
      of.put(INPUTS, task.inputs());
      if (task.chosenBefore() != null) {
        of.put(CHOSEN_BEFORE, task.chosenBefore());
        of.put(CHOSEN_AFTER, task.chosenAfter());
      }
      tasks.add(of);
    }
    summary.put(TASKS, tasks);
    return summary;
  }

  /**
   * The one that {@code marker} has.
   *
   * @throws org.dapt.error.InputException if the marker lacks something
   */
  static Realigned read(Marker marker) {
    List<Realigned.Task> tasks = new ArrayList<>();
    if (marker.summary().get(TASKS) instanceof List<?> stored) {
      for (Object of : stored) {
        if (of instanceof Map<?, ?> task) {
          tasks.add(
              new Realigned.Task(
                  String.valueOf(task.get(TASK)),
                  task.get(INPUTS) instanceof Number inputs ? inputs.longValue() : 0,
                  number(task.get(CHOSEN_BEFORE)),
                  number(task.get(CHOSEN_AFTER))));
        }
      }
    }
    return new Realigned(
        marker.text(ENGINE),
        tasks,
        marker.number(ROWS).longValue(),
        marker.number(BEFORE).doubleValue(),
        marker.number(AFTER).doubleValue(),
        true);
  }

  private static Double number(Object value) {
    return value instanceof Number number ? (Double) number.doubleValue() : null;
  }
}
