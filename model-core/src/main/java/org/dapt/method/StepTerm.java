package org.dapt.method;

import java.util.function.LongFunction;
import org.bytedeco.pytorch.Tensor;

/**
 * A term of the loss that does not depend on the batch: {@code factor · value}. It is the same on
 * every rank, so it is never summed over ranks.
 *
 * @param name under which it is recorded and shown: lower-case letters, digits and underscores
 * @param factor its factor in the loss
 * @param value the term in a step, counted from 1, without its factor: a scalar, or null where
 *     there is none, which counts as 0. What is drawn for a step must follow from its number and
 *     the run's seed
 */
public record StepTerm(String name, double factor, LongFunction<Tensor> value) {}
