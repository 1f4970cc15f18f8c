package org.dapt.learn;

import java.io.Serializable;
import org.dapt.config.DaptConfig;
import org.dapt.config.SelectedParameters;
import org.dapt.config.TrainSettings;
import org.dapt.method.Rehearsal.Mix;
import org.dapt.metric.AnswerMetric;

/**
 * How the dev split decides which parameters of a task are kept.
 *
 * @param every steps from one look at it to the next
 * @param patience looks in a row that are no better before the task ends; 0 is off
 * @param examples most examples that are answered
 * @param metric of the answers
 * @param maxNewTokens most tokens of an answer
 * @param batchTokens most source tokens of a batch, padding included
 * @param cleanUpSpaces whether spaces before punctuation are taken out of answers
 */
record DevPlan(
    long every,
    int patience,
    int examples,
    AnswerMetric metric,
    int maxNewTokens,
    int batchTokens,
    boolean cleanUpSpaces)
    implements Serializable {
  /**
   * As {@code config} says; null where the last parameters are kept.
   *
   * @param examples training examples of the task, or of all tasks that are learnt together
   * @param mix of its batches
   */
  static DevPlan of(DaptConfig config, long examples, Mix mix) {
    TrainSettings train = config.train();
    if (train.select() == SelectedParameters.LAST) {
      return null;
    }
    return new DevPlan(
        train.devEvery() == 0 ? mix.steps(examples, train.globalBatch()) : train.devEvery(),
        train.patience(),
        train.devExamples(),
        config.tasks().metric(),
        config.evaluate().maxNewTokens(),
        config.evaluate().batchTokens(),
        config.evaluate().cleanUpSpaces());
  }
}
