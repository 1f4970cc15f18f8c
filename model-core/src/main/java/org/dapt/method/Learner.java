package org.dapt.method;

import org.bytedeco.pytorch.Tensor;
import org.dapt.train.ParameterSet;

/**
 * A task being learnt. {@link #adapt} and {@link #mixture} follow the parameters as they change.
 */
public interface Learner extends Predictor {
  /** What is trained; everything else stays as it is. */
  ParameterSet parameters();

  /**
   * A term of the loss that does not depend on the batch, without its factor: a scalar, or null
   * where there is none. It is the same on every rank, so it is never summed over ranks.
   */
  default Tensor penalty() {
    return null;
  }

  /** The factor of {@link #penalty()} in the loss. */
  default double penaltyFactor() {
    return 0;
  }

  /**
   * What is to be kept of the task, without attention target: copies of the parameters, which
   * belong to the caller's scope.
   */
  LearntTask learnt();
}
