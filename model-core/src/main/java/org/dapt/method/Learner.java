package org.dapt.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;

/**
 * A task being learnt. {@link #adapt} and {@link #attentionWeights} follow the parameters as they
 * change.
 */
public interface Learner extends Predictor {
  /** What is trained; everything else stays as it is. */
  ParameterSet parameters();

  /**
   * What the blocks add while {@code examples} are learnt from; other than {@link #adapt} where the
   * method is noisy in training, as with dropout.
   *
   * @param source the examples' inputs, in their order
   * @param step from 1
   */
  default Adaptation adaptForTraining(Source source, List<Example> examples, long step) {
    return adapt(source);
  }

  /**
   * A term of the loss that does not depend on the batch, without its factor: a scalar, or null
   * where there is none. It is the same on every rank, so it is never summed over ranks.
   *
   * @param step from 1; what is drawn for a step must follow from its number and the run's seed
   */
  default Tensor penalty(long step) {
    return null;
  }

  /** The factor of {@link #penalty} in the loss. */
  default double penaltyFactor() {
    return 0;
  }

  /**
   * What is to be kept of the task, without attention target: copies of the parameters, which
   * belong to the caller's scope.
   */
  LearntTask learnt();
}
