package org.dapt.bank;

import java.util.List;

/**
 * What became of a run that a task was taken out of.
 *
 * @param run its directory
 * @param task the one that is gone
 * @param left those that are learnt still, in their order
 * @param realigned how what chooses among their blocks was fitted; null where nothing does
 * @param sharedData where prepared data of the task still lie, for other runs use them too; null
 *     where they are gone
 */
public record Forgotten(
    String run, String task, List<String> left, Realigned realigned, String sharedData) {
  /** Keeps a copy. */
  public Forgotten {
    left = List.copyOf(left);
  }
}
