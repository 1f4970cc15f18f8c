package org.dapt.config;

import org.dapt.config.key.AsBefore;
import org.dapt.config.read.SettingReader;

/**
 * The reflection on earlier tasks.
 *
 * @param source where replayed inputs come from
 * @param given folder of the given inputs, null unless they are given ones
 * @param lambda factor of the divergence in the loss, at least 0
 * @param average how the divergences are put together
 * @param share replayed inputs as a share of a task's training examples, above 0 and at most 1
 * @param maxSamples most replayed inputs in a step, at least 1
 */
public record ReflectionSettings(
    ReflectionSource source,
    String given,
    double lambda,
    @AsBefore("over-samples") ReflectionAverage average,
    double share,
    int maxSamples) {
  static ReflectionSettings read(SettingReader in) {
    return new ReflectionSettings(
        in.choice("reflection.source", ReflectionSource.class),
        in.optionalPath("reflection.given"),
        in.number("reflection.lambda", v -> v >= 0, "a number of at least 0"),
        in.choice("reflection.average", ReflectionAverage.class),
        in.number("reflection.share", v -> v > 0 && v <= 1, "a number above 0 and at most 1"),
        in.wholeNumber("reflection.max-samples", 1));
  }

  /** How many inputs of a task with {@code examples} training examples are replayed. */
  public int samples(long examples) {
    return (int) Math.max(1, Math.min(examples, Math.round(share * examples)));
  }
}
