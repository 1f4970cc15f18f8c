package org.dapt.train;

import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * All that the next step of a {@link Trainer} depends on beside its examples: every random number
 * follows from the number of the step.
 *
 * @param step steps taken
 * @param values the learner's parameters, {@code [n]}
 * @param mean the optimizer's running mean of the gradients, {@code [n]}
 * @param square its running mean of the squared gradients, {@code [n]}
 * @param best the parameters that were best on dev so far; null where none were looked at
 * @param decided what the learner decided before the first step, by name
 */
public record TrainerState(
    long step,
    Tensor values,
    Tensor mean,
    Tensor square,
    BestState best,
    Map<String, Tensor> decided) {}
