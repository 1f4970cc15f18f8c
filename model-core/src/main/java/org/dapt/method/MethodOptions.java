package org.dapt.method;

import java.io.Serializable;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Settings of the methods.
 *
 * @param rank r of a LoRA block
 * @param alpha α: a block's product is scaled by α / r
 * @param promptLength number of embeddings of a soft prompt
 * @param queryHidden width of the query network's hidden layer
 * @param temperature the attention's logits are divided by temperature · √d
 * @param reflectionFactor λ of the reflection loss
 * @param maxReplaySamples most replayed inputs in a step, at least 1; above that, each step draws
 * @param own the options of the method alone, as {@link OptionReader#values} gives them
 */
public record MethodOptions(
    int rank,
    double alpha,
    int promptLength,
    int queryHidden,
    double temperature,
    double reflectionFactor,
    int maxReplaySamples,
    SortedMap<String, Object> own)
    implements Serializable {
  /** Keeps a copy of {@code own} that can be sent to other processes. */
  public MethodOptions {
    own = Collections.unmodifiableSortedMap(new TreeMap<>(own));
  }
}
