package org.dapt.method;

import org.bytedeco.pytorch.Tensor;

/**
 * What becomes of a step's update before anyone reads the parameters: a projection, for example. A
 * gradient that is projected would not do, because the optimizer scales each entry by itself.
 */
@FunctionalInterface
public interface UpdateRule {
  /**
   * The update to be made.
   *
   * @param parameter the parameter's name
   * @param update its values behind the optimizer's step less those before
   * @return of the same shape; {@code update} itself where it is to be made as it is
   */
  Tensor apply(String parameter, Tensor update);

  /** Whether updates of {@code parameter} may be others than the optimizer's. */
  default boolean changes(String parameter) {
    return true;
  }
}
