package org.dapt.backbone.t5;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.backbone.Weights;
import org.dapt.tensor.Products;

/**
 * Two linear layers around an activation, with a gate in v1.1.
 *
 * @param inner {@code [d_ff, d]}
 * @param gated {@code [d_ff, d]}, or null without a gate
 * @param outer {@code [d, d_ff]}
 */
record T5FeedForward(Tensor inner, Tensor gated, Tensor outer, T5Config.Activation activation) {
  static T5FeedForward load(Weights weights, String prefix, T5Config config) {
    String first = config.gated() ? ".wi_0.weight" : ".wi.weight";
    return new T5FeedForward(
        weights.get(prefix + first, config.inner(), config.width()),
        config.gated()
            ? weights.get(prefix + ".wi_1.weight", config.inner(), config.width())
            : null,
        weights.get(prefix + ".wo.weight", config.width(), config.inner()),
        config.activation());
  }

  /**
   * {@code [batch, positions, d] → [batch, positions, d]}.
   *
   * @param dropout of the inner states, or null
   * @param positions what {@code x} is over
   */
  Tensor apply(Tensor x, LayerDropout dropout, Positions positions) {
    Tensor hidden = activate(Products.linear(x, inner));
    if (gated != null) {
      hidden = hidden.mul(Products.linear(x, gated));
    }
    return Products.linear(LayerDropout.dropped(dropout, hidden, positions), outer);
  }

  private Tensor activate(Tensor hidden) {
    return switch (activation) {
      case RELU -> hidden.relu_();
      case GELU_TANH -> torch.gelu(hidden, "tanh");
      case SILU -> torch.silu(hidden);
    };
  }
}
