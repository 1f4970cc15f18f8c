package org.dapt.bank;

import java.util.List;

/**
 * What would become of a run that a task is taken out of.
 *
 * @param left the tasks that stay, in their order
 * @param lost folders of the run that go besides the task's own, by their paths in it
 */
public record ForgetPlan(List<String> left, List<String> lost) {
  /** Keeps copies. */
  public ForgetPlan {
    left = List.copyOf(left);
    lost = List.copyOf(lost);
  }
}
