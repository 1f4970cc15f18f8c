package org.dapt.method;

import java.util.List;
import java.util.Map;
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
   * A pass over the new task's examples before the first step, for what is decided once and not
   * learnt; null for none. It is made again where training goes on after an interruption.
   */
  default InputPass beforeTraining() {
    return null;
  }

  /**
   * What {@link #beforeTraining} decided beside the parameters, by name. All ranks take the values
   * of the first one: processors of different kinds make different bits of the same sums, and of a
   * decomposition maybe another basis.
   */
  default Map<String, Tensor> decided() {
    return Map.of();
  }

  /**
   * A pass over the new task's examples after the last step, for what {@link #learnt} holds beside
   * the parameters; null for none.
   */
  default InputPass afterTraining() {
    return null;
  }

  /** Terms of the loss that depend on the batch; the same ones as long as it learns. */
  default List<BatchTerm> batchTerms() {
    return List.of();
  }

  /**
   * The learning rate of a parameter, before the schedule.
   *
   * @param parameter its name
   * @param task the rate at which the task is learnt
   */
  default double learningRate(String parameter, double task) {
    return task;
  }

  /**
   * Whether a parameter takes part in the decay of weights, where a run has any: not so where a
   * method holds it at a place of its own.
   *
   * @param parameter its name
   */
  default boolean decays(String parameter) {
    return true;
  }

  /** What becomes of the optimizer's updates; null where they are made as they are. */
  default UpdateRule updateRule() {
    return null;
  }

  /** Terms of the loss that do not depend on the batch; the same ones as long as it learns. */
  default List<StepTerm> stepTerms() {
    return List.of();
  }

  /**
   * What is to be kept of the task: copies of the parameters, which belong to the caller's scope,
   * and what {@link #afterTraining} gave.
   */
  LearntTask learnt();
}
