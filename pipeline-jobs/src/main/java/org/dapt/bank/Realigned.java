package org.dapt.bank;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.dapt.run.Marker;

/**
 * How the selection module of a run was fitted again.
 *
 * @param engine the name of the engine
 * @param tasks how each learnt task fared, in their order
 * @param rows how many replayed inputs there were
 * @param before the loss before the first step: the mean divergence of a task
 * @param after the loss after the last step
 * @param skipped whether the run had it already
 */
public record Realigned(
    String engine, List<Task> tasks, long rows, double before, double after, boolean skipped) {
  private static final String ENGINE = "engine";
  private static final String ROWS = "rows";
  private static final String BEFORE = "loss_before";
  private static final String AFTER = "loss_after";
  private static final String TASKS = "tasks";
  private static final String TASK = "task";
  private static final String INPUTS = "inputs";
  private static final String CHOSEN_BEFORE = "chosen_before";
  private static final String CHOSEN_AFTER = "chosen_after";

  /**
   * A task's replayed inputs.
   *
   * @param task its name
   * @param inputs how many there are
   * @param chosenBefore the share of them, in per cent, that the task's own block had the largest
   *     weight on before; null where there are none
   * @param chosenAfter the same behind the last step
   */
  public record Task(String task, long inputs, Double chosenBefore, Double chosenAfter) {
    private static Task of(Map<?, ?> stored) {
      return new Task(
          String.valueOf(stored.get(TASK)),
          stored.get(INPUTS) instanceof Number inputs ? inputs.longValue() : 0,
          number(stored.get(CHOSEN_BEFORE)),
          number(stored.get(CHOSEN_AFTER)));
    }

    private static Double number(Object value) {
      return value instanceof Number number ? (Double) number.doubleValue() : null;
    }

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put(TASK, task);
      map.put(INPUTS, inputs);
      map.put(CHOSEN_BEFORE, chosenBefore);
      map.put(CHOSEN_AFTER, chosenAfter);
      return map;
    }
  }

  /**
   * The one that {@code marker} has, which was made earlier.
   *
   * @throws org.dapt.error.InputException if the marker lacks something
   */
  public static Realigned of(Marker marker) {
    List<Task> tasks = new ArrayList<>();
    if (marker.summary().get(TASKS) instanceof List<?> stored) {
      for (Object task : stored) {
        if (task instanceof Map<?, ?> map) {
          tasks.add(Task.of(map));
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

  /** What markers and programs are given. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(ENGINE, engine);
    map.put(ROWS, rows);
    map.put(BEFORE, before);
    map.put(AFTER, after);
    map.put(TASKS, tasks.stream().map(Task::toMap).toList());
    return map;
  }
}
