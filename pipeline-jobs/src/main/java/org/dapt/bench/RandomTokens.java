package org.dapt.bench;

import java.util.random.RandomGenerator;
import org.dapt.backbone.Backbone;

/** Inputs that mean nothing, for measurements whose time does not depend on what is read. */
final class RandomTokens {
  /** Those below have a meaning of their own in every model: padding, end, unknown. */
  private static final int FIRST_ORDINARY_ID = 3;

  private RandomTokens() {}

  /** {@code count} ids of the model's vocabulary. */
  static int[] draw(RandomGenerator random, int count, Backbone backbone) {
    return random.ints(count, FIRST_ORDINARY_ID, backbone.vocabulary()).toArray();
  }
}
