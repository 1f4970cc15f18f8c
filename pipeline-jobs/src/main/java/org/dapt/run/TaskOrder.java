package org.dapt.run;

import java.util.ArrayList;
import java.util.List;
import org.dapt.error.ConfigException;

/**
 * Which tasks a command means.
 *
 * @param configured {@code tasks.order}
 * @param learnt those that the run has learnt, the oldest first
 * @param run how messages name the run
 */
public record TaskOrder(List<String> configured, List<String> learnt, String run) {
  /**
   * All tasks that are to be learnt.
   *
   * @throws ConfigException if there are none, or the run began with others
   */
  public List<String> all() {
    if (configured.isEmpty()) {
      throw new ConfigException(
          "tasks.order is empty: expected the names of the tasks in the order in which they are"
              + " learnt. Set the key, or add tasks one by one with dapt learn.");
    }
    return configured;
  }

  /**
   * All tasks, where those that are learnt are the first of them; those that were learnt besides,
   * behind the last of the order, belong to it.
   */
  public List<String> continued() {
    List<String> order = all();
    if (learnt.size() > order.size() && learnt.subList(0, order.size()).equals(order)) {
      return learnt;
    }
    if (learnt.size() > order.size() || !order.subList(0, learnt.size()).equals(learnt)) {
      throw new ConfigException(
          "tasks.order is %s, but %s has learnt %s in this order: expected an order that starts with these. Correct tasks.order, or take another run.dir."
              .formatted(order, run, learnt));
    }
    return order;
  }

  /**
   * The tasks up to {@code task}, which may be the next one.
   *
   * @param task null for the first that is not learnt
   */
  public List<String> upTo(String task) {
    if (task == null) {
      List<String> order = continued();
      return order.subList(0, Math.min(order.size(), learnt.size() + 1));
    }
    List<String> tasks = new ArrayList<>(before(task));
    tasks.add(task);
    return tasks;
  }

  /** The learnt tasks before {@code task}; all where it is new. */
  public List<String> before(String task) {
    int known = learnt.indexOf(task);
    return known < 0 ? learnt : learnt.subList(0, known);
  }

  /**
   * The learnt tasks of a step.
   *
   * @param step null for all that are learnt
   * @throws ConfigException if no task, or not so many, are learnt
   */
  public List<String> step(Integer step) {
    int last = step == null ? learnt.size() : step;
    if (last < 1 || last > learnt.size()) {
      throw new ConfigException(
          "There is no step %d: %d tasks are learnt in %s. Learn a task first, or name a step between 1 and %2$d."
              .formatted(last, learnt.size(), run));
    }
    return learnt.subList(0, last);
  }
}
