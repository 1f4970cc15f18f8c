package org.dapt.method.dapt;

import java.util.List;
import org.dapt.method.MethodContext;

/**
 * The section {@code reflection}, as far as the loss is concerned.
 *
 * @param lambda λ, the factor of the divergence
 * @param perTask whether the divergence is the sum over earlier tasks of each one's mean, or the
 *     mean over all samples
 * @param maxSamples most replayed inputs in a step, at least 1; above that, each step draws
 */
record ReflectionOptions(double lambda, boolean perTask, int maxSamples) {
  private static final String PER_TASK = "per-task";

  static ReflectionOptions of(MethodContext context) {
    return context.shared(
        "reflection",
        in ->
            new ReflectionOptions(
                in.number("lambda", 0, Double.MAX_VALUE, null),
                in.choice("average", List.of(PER_TASK, "over-samples"), PER_TASK).equals(PER_TASK),
                in.wholeNumber("max-samples", 1, null)));
  }
}
