package org.dapt.bank;

import java.util.List;

/**
 * What a merged run is made of.
 *
 * @param run the new run directory
 * @param tasks in their order
 * @param needsRealign whether its keys know each but the inputs of their own run
 */
public record Merged(String run, List<Task> tasks, boolean needsRealign) {
  /**
   * A task.
   *
   * @param task its name
   * @param from the run directory that it was learnt in
   */
  public record Task(String task, String from) {}
}
