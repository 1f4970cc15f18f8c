package org.dapt.train;

import java.io.Serializable;

/**
 * How a task is learnt.
 *
 * @param learningRate of AdamW, constant
 * @param microBatchTokens most tokens of a micro-batch on its longer side, padding included
 * @param maxGradientNorm gradients with a larger Euclidean norm are scaled down to it; 0 is off
 */
public record TrainerOptions(double learningRate, int microBatchTokens, double maxGradientNorm)
    implements Serializable {}
