package org.dapt.backbone;

import org.bytedeco.pytorch.Tensor;

/** The dropout of a model's own layers in one pass over a batch. */
public interface LayerDropout {
  /**
   * What a dimension of a tensor runs over: positions of the source, behind a prefix, or target.
   */
  enum Positions {
    /** The prefix, where there is one, and the source. */
    SOURCE,
    /** The target. */
    TARGET
  }

  /**
   * States of which components are dropped.
   *
   * @param states {@code [batch, positions, width]}
   */
  Tensor states(Tensor states, Positions positions);

  /**
   * Attention weights of which some are dropped.
   *
   * @param weights {@code [batch, heads, queries, keys]}
   */
  Tensor weights(Tensor weights, Positions queries, Positions keys);

  /**
   * What has to be run so that the next draws are those that come next now: a layer that is
   * computed again loses the same.
   */
  Runnable again();

  /** {@code states}, of which {@code dropout} drops components where there is one. */
  static Tensor dropped(LayerDropout dropout, Tensor states, Positions positions) {
    return dropout == null ? states : dropout.states(states, positions);
  }
}
