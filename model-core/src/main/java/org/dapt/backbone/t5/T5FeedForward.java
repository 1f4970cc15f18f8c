package org.dapt.backbone.t5;

import java.util.Objects;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Adaptation.Effect;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.backbone.Linear;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Weights;

/**
 * Two linear layers around an activation, with a gate in v1.1.
 *
 * @param inner {@code d → d_ff}
 * @param gated {@code d → d_ff}, or null without a gate
 * @param outer {@code d_ff → d}
 */
record T5FeedForward(Linear inner, Linear gated, Linear outer, T5Config.Activation activation) {
  static T5FeedForward load(Weights weights, String prefix, T5Config config) {
    long wide = config.inner();
    long width = config.width();
    return new T5FeedForward(
        Linear.load(weights, prefix + (config.gated() ? ".wi_0" : ".wi"), wide, width),
        config.gated() ? Linear.load(weights, prefix + ".wi_1", wide, width) : null,
        Linear.load(weights, prefix + ".wo", width, wide),
        config.activation());
  }

  Stream<Projection> projections() {
    return Stream.of(inner, gated, outer).filter(Objects::nonNull).map(Linear::projection);
  }

  /**
   * {@code [batch, positions, d] → [batch, positions, d]}.
   *
   * @param positions what {@code x} is over
   */
  Tensor apply(Tensor x, Positions positions, Adaptation adaptation) {
    Tensor hidden = activate(inner.apply(x, adaptation), adaptation);
    if (gated != null) {
      hidden = hidden.mul(gated.apply(x, adaptation));
    }
    return outer.apply(LayerDropout.dropped(adaptation.dropout(), hidden, positions), adaptation);
  }

  private Tensor activate(Tensor hidden, Adaptation adaptation) {
    return switch (activation) {
      // An adaptation may hold on to what it gave.
      case RELU -> adaptation.effect(inner.name()) == Effect.NONE ? hidden.relu_() : hidden.relu();
      case GELU_TANH -> torch.gelu(hidden, "tanh");
      case SILU -> torch.silu(hidden);
    };
  }
}
