package org.dapt.backbone.t5;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.backbone.Projection;
import org.dapt.backbone.RmsNorm;
import org.dapt.backbone.Weights;

/** Self-attention and feed-forward layer, each behind a norm and around a residual. */
record T5EncoderLayer(
    RmsNorm attentionNorm,
    T5Attention attention,
    RmsNorm feedForwardNorm,
    T5FeedForward feedForward) {
  private static final Positions ALL = Positions.SOURCE;

  static T5EncoderLayer load(Weights weights, int index, T5Config config) {
    String prefix = "encoder.block." + index + ".layer.";
    return new T5EncoderLayer(
        T5Backbone.norm(weights, prefix + "0.layer_norm.weight", config),
        T5Attention.load(weights, prefix + "0.SelfAttention", config),
        T5Backbone.norm(weights, prefix + "1.layer_norm.weight", config),
        T5FeedForward.load(weights, prefix + "1.DenseReluDense", config));
  }

  Stream<Projection> projections() {
    return Stream.concat(attention.projections(), feedForward.projections());
  }

  /**
   * {@code [batch, tokens, d] → [batch, tokens, d]}.
   *
   * @param bias position bias and padding, {@code [batch or 1, heads, tokens, tokens]}
   */
  Tensor apply(Tensor x, Tensor bias, Adaptation adaptation) {
    return fed(attended(x, bias, adaptation), adaptation);
  }

  private Tensor attended(Tensor x, Tensor bias, Adaptation adaptation) {
    Tensor y = attentionNorm.apply(x);
    Tensor keys = attention.keys(y, adaptation);
    Tensor values = attention.values(y, adaptation);
    Tensor attended = attention.attend(y, keys, values, bias, ALL, ALL, adaptation);
    return x.add(LayerDropout.dropped(adaptation.dropout(), attended, ALL));
  }

  private Tensor fed(Tensor x, Adaptation adaptation) {
    LayerDropout dropout = adaptation.dropout();
    Tensor fed = feedForward.apply(feedForwardNorm.apply(x), ALL, adaptation);
    return x.add(LayerDropout.dropped(dropout, fed, ALL));
  }
}
