package org.dapt.train;

import java.io.Serializable;

/**
 * What a step saw, over all ranks.
 *
 * @param step from 1
 * @param crossEntropy mean over the target tokens of the global batch, before the update
 * @param penalty the method's term without its factor; 0 where it has none
 * @param loss crossEntropy + factor · penalty
 * @param targetTokens target tokens of the global batch
 * @param sourceTokens source tokens of the global batch, without padding
 */
public record StepReport(
    long step,
    double crossEntropy,
    double penalty,
    double loss,
    long targetTokens,
    long sourceTokens)
    implements Serializable {}
