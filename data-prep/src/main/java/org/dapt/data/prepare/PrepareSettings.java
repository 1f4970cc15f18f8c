package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.data.shard.Recipe;
import org.dapt.metric.AnswerMetric;

/**
 * What preparation needs to know.
 *
 * @param root {@code tasks.root}: the folder with one folder per task, on a Hadoop file system that
 *     executors reach
 * @param modelFolder {@code model.path}: the model folder with {@code tokenizer.json}, a local path
 *     on the driver and on every executor or a folder on a Hadoop file system
 * @param recipe what decides the content
 * @param metric by which answers are to be scored: what it cannot see of the references is told
 * @param testOnly whether tasks are only to be tested: their other splits, which need not be there,
 *     are left alone
 * @param prefix how many embeddings the method puts in front of an input at most: they take
 *     positions of the model, too
 */
public record PrepareSettings(
    String root,
    String modelFolder,
    Recipe recipe,
    AnswerMetric metric,
    boolean testOnly,
    int prefix)
    implements Serializable {
  /** With nothing in front of inputs. */
  public PrepareSettings(
      String root, String modelFolder, Recipe recipe, AnswerMetric metric, boolean testOnly) {
    this(root, modelFolder, recipe, metric, testOnly, 0);
  }

  /** Of tasks that are to be learnt. */
  public PrepareSettings(String root, String modelFolder, Recipe recipe, AnswerMetric metric) {
    this(root, modelFolder, recipe, metric, false);
  }

  /** With {@link AnswerMetric#ROUGE_L}. */
  public PrepareSettings(String root, String modelFolder, Recipe recipe) {
    this(root, modelFolder, recipe, AnswerMetric.ROUGE_L);
  }
}
