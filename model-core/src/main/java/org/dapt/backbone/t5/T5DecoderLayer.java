package org.dapt.backbone.t5;

import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
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
    Positions all = Positions.TARGET;
    Tensor attended =
        self.attend(normed, selfMemory.keys(), selfMemory.values(), selfBias, all, all, adaptation);
    x = x.add(LayerDropout.dropped(dropout, attended, all));
    Tensor y = crossNorm.apply(x);
    Tensor crossed =
        crossMemory == null
            ? cross.attend(y, encoded, crossMask, adaptation)
            : cross.attend(y, crossMemory, crossMask, adaptation);
    x = x.add(LayerDropout.dropped(dropout, crossed, all));
    Tensor fed = feedForward.apply(feedForwardNorm.apply(x), dropout, all);
    return x.add(LayerDropout.dropped(dropout, fed, all));
  }
}
