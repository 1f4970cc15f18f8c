package org.dapt.method;

import java.io.Serializable;

/**
 * Settings of the methods.
 *
 * @param rank r of a LoRA block
 * @param alpha α: a block's product is scaled by α / r
 * @param promptLength number of embeddings of a soft prompt
 * @param queryHidden width of the query network's hidden layer
 * @param temperature the attention's logits are divided by temperature · √d
 * @param reflectionFactor λ of the reflection loss
 */
public record MethodOptions(
    int rank,
    double alpha,
    int promptLength,
    int queryHidden,
    double temperature,
    double reflectionFactor)
    implements Serializable {}
