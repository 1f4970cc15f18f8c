package org.dapt.decode;

import java.util.List;

/**
 * An answer.
 *
 * @param tokens the generated ids, without start and end token
 * @param attentionWeights the weights with which the blocks were mixed, one per task; empty for
 *     methods that do not choose
 */
public record Decoded(int[] tokens, List<Double> attentionWeights) {}
