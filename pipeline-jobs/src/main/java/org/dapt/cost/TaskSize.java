package org.dapt.cost;

/**
 * How large a task is.
 *
 * @param train training examples
 * @param dev dev examples
 * @param test test examples
 * @param source tokens of an input, in the mean
 * @param target tokens of an answer, in the mean
 */
public record TaskSize(long train, long dev, long test, double source, double target) {
  /** The same with {@code rows} embeddings in front of each input. */
  public TaskSize behind(int rows) {
    return new TaskSize(train, dev, test, source + rows, target);
  }
}
