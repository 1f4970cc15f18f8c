package org.dapt.bank;

import java.util.List;

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
  /**
   * A task's replayed inputs.
   *
   * @param task its name
   * @param inputs how many there are
   * @param chosenBefore the share of them, in per cent, that the task's own block had the largest
   *     weight on before; null where there are none
   * @param chosenAfter the same behind the last step
   */
  public record Task(String task, long inputs, Double chosenBefore, Double chosenAfter) {}
}
