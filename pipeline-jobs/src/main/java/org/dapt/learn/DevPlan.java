package org.dapt.learn;

import java.io.Serializable;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
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
 * @param metrics of the answers to each task, by its name
 * @param maxNewTokens most tokens of an answer
 * @param batchTokens most source tokens of a batch, padding included
 * @param cleanUpSpaces whether spaces before punctuation are taken out of answers
 */
record DevPlan(
    long every,
    int patience,
    int examples,
    SortedMap<String, AnswerMetric> metrics,
    int maxNewTokens,
    int batchTokens,
    boolean cleanUpSpaces)
    implements Serializable {
  /**
   * As {@code config} says; null where the last parameters are kept.
   *
   * @param tasks the task, or all tasks that are learnt together
   * @param examples their training examples
   * @param mix of its batches
   */
  static DevPlan of(DaptConfig config, List<String> tasks, long examples, Mix mix) {
    TrainSettings train = config.train();
    if (train.select() == SelectedParameters.LAST) {
      return null;
    }
    SortedMap<String, AnswerMetric> metrics = new TreeMap<>();
    tasks.forEach(task -> metrics.put(task, config.metric(task)));
    return new DevPlan(
        train.devEvery() == 0 ? mix.steps(examples, train.globalBatch()) : train.devEvery(),
        train.patience(),
        train.devExamples(),
        metrics,
        config.evaluate().maxNewTokens(),
        config.evaluate().batchTokens(),
        config.evaluate().cleanUpSpaces());
  }
}
