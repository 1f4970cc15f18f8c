package org.dapt.method.epi;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;

/**
 * What is known of the features of a task's inputs.
 *
 * @param means one row a class, {@code [classes, d]}
 * @param covariance the mean of the classes' covariances, {@code [d, d]}
 */
record TaskFeatures(Tensor means, Tensor covariance) {
  private static final String MEANS = "features.means";
  private static final String COVARIANCE = "features.covariance";

  /**
   * What is kept of a task.
   *
   * @param width d
   * @throws InputException if it holds no features, or those of another model
   */
  static TaskFeatures of(LearntTask task, long width) {
    Tensor means = task.attention().get(MEANS);
    Tensor covariance = task.attention().get(COVARIANCE);
    if (means == null
        || covariance == null
        || means.dim() != 2
        || means.size(0) == 0
        || means.size(1) != width
        || covariance.dim() != 2
        || covariance.size(0) != width
        || covariance.size(1) != width) {
      throw new InputException(
          "The attention of task %s holds no features of its inputs with %d components, by which epi chooses it; it was not learnt by epi with this model"
              .formatted(task.task(), width));
    }
    return new TaskFeatures(means, covariance);
  }

  /** The same in another type. */
  TaskFeatures in(ScalarType type) {
    return new TaskFeatures(means.to(type), covariance.to(type));
  }

  /** The tensors by the names under which they are kept. */
  Map<String, Tensor> tensors() {
    return Map.of(MEANS, means, COVARIANCE, covariance);
  }
}
