package org.dapt.backbone.t5;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.backbone.Projection;
import org.dapt.backbone.RmsNorm;
import org.dapt.backbone.Weights;

/**
 * Self-attention, attention to the encoder's output and feed-forward layer, each behind a norm,
 * around a residual.
 */
record T5DecoderLayer(
    RmsNorm selfNorm,
    T5Attention self,
    RmsNorm crossNorm,
    T5CrossAttention cross,
    RmsNorm feedForwardNorm,
    T5FeedForward feedForward) {
  private static final Positions ALL = Positions.TARGET;

  static T5DecoderLayer load(Weights weights, int index, T5Config config) {
    String prefix = "decoder.block." + index + ".layer.";
    return new T5DecoderLayer(
        T5Backbone.norm(weights, prefix + "0.layer_norm.weight", config),
        T5Attention.load(weights, prefix + "0.SelfAttention", config),
        T5Backbone.norm(weights, prefix + "1.layer_norm.weight", config),
        new T5CrossAttention(T5Attention.load(weights, prefix + "1.EncDecAttention", config)),
        T5Backbone.norm(weights, prefix + "2.layer_norm.weight", config),
        T5FeedForward.load(weights, prefix + "2.DenseReluDense", config));
  }

  Stream<Projection> projections() {
    return Stream.of(self.projections(), cross.attention().projections(), feedForward.projections())
        .flatMap(all -> all);
  }

  /**
   * The layer over all positions of an answer, {@code [batch, tokens, d] → [batch, tokens, d]}.
   *
   * @param selfBias position bias, −∞ at later keys
   * @param encoded the encoder's output
   * @param crossMask −∞ at the source's padding, or null
   */
  Tensor apply(Tensor x, Tensor selfBias, Tensor encoded, Tensor crossMask, Adaptation adaptation) {
    boolean regroup = cross.cheaperRegrouped(x.size(1), encoded.size(1), adaptation);
    Tensor normed = selfNorm.apply(x);
    return apply(
        x,
        normed,
        selfMemory(normed, adaptation),
        selfBias,
        encoded,
        regroup ? null : cross.memory(encoded, adaptation),
        crossMask,
        adaptation);
  }

  /** Keys and values of all positions of {@code x}, which has passed {@link #selfNorm}. */
  KeysAndValues selfMemory(Tensor normed, Adaptation adaptation) {
    return new KeysAndValues(self.keys(normed, adaptation), self.values(normed, adaptation));
  }

  /**
   * The layer over the positions of {@code x}.
   *
   * @param x {@code [batch, tokens, d]}
   * @param normed {@code x} behind {@link #selfNorm}
   * @param selfMemory keys and values of all positions that {@code x} may look at
   * @param selfBias position bias, −∞ at later keys
   * @param encoded the encoder's output; not read where {@code crossMemory} is given
   * @param crossMemory keys and values of {@code encoded}, or null
   * @param crossMask −∞ at the source's padding, or null
   */
  Tensor apply(
      Tensor x,
      Tensor normed,
      KeysAndValues selfMemory,
      Tensor selfBias,
      Tensor encoded,
      KeysAndValues crossMemory,
      Tensor crossMask,
      Adaptation adaptation) {
    LayerDropout dropout = adaptation.dropout();
    Tensor attended =
        self.attend(normed, selfMemory.keys(), selfMemory.values(), selfBias, ALL, ALL, adaptation);
    Tensor y = x.add(LayerDropout.dropped(dropout, attended, ALL));
    Tensor asking = crossNorm.apply(y);
    Tensor crossed =
        crossMemory == null
            ? cross.attend(asking, encoded, crossMask, adaptation)
            : cross.attend(asking, crossMemory, crossMask, adaptation);
    y = y.add(LayerDropout.dropped(dropout, crossed, ALL));
    Tensor fed = feedForward.apply(feedForwardNorm.apply(y), ALL, adaptation);
    return y.add(LayerDropout.dropped(dropout, fed, ALL));
  }
}
