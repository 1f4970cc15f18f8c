package org.dapt.method.dapt;

import org.dapt.method.MethodContext;

/**
 * The section {@code reflection}, as far as the loss is concerned.
 *
 * @param lambda λ, the factor of the divergence
 * @param maxSamples most replayed inputs in a step, at least 1; above that, each step draws
 */
record ReflectionOptions(double lambda, int maxSamples) {
  static ReflectionOptions of(MethodContext context) {
    return context.shared(
        "reflection",
        in ->
            new ReflectionOptions(
                in.number("lambda", 0, Double.MAX_VALUE, null),
                in.wholeNumber("max-samples", 1, null)));
  }
}
