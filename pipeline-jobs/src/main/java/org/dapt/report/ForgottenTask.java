package org.dapt.report;

import java.util.List;

/**
 * What became of the answers on one task's test examples between the step that learnt it and the
 * last one.
 *
 * @param number of the task, counted from 1
 * @param examples how many were answered both times
 * @param rightThen how many answers were right when the task was learnt
 * @param rightNow how many are right now
 * @param forgotten how many fell from right to wrong
 * @param gained how many rose from wrong to right
 * @param worst some of the forgotten
 */
public record ForgottenTask(
    int number,
    String task,
    long examples,
    long rightThen,
    long rightNow,
    long forgotten,
    long gained,
    List<Example> worst) {
  /**
   * One forgotten example.
   *
   * @param blockThen number of the block with the largest attention weight when the task was
   *     learnt, counted from 1; null for methods without attention
   * @param blockNow the same after the last step
   */
  public record Example(
      String id,
      String input,
      List<String> references,
      String then,
      String now,
      Integer blockThen,
      Integer blockNow) {}
}
