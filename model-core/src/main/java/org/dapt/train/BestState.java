package org.dapt.train;

import org.bytedeco.pytorch.Tensor;

/**
 * The parameters that were best on dev so far.
 *
 * @param values the learner's parameters after the step of {@code choice}, {@code [n]}
 */
public record BestState(DevChoice choice, Tensor values) {}
