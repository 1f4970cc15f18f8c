package org.dapt.backbone.llama;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.RmsNorm;
import org.dapt.backbone.Weights;
import org.dapt.tensor.Products;

/**
 * Self-attention and a gated feed-forward layer (SwiGLU), each behind a norm, around a residual.
 */
record LlamaLayer(
    RmsNorm attentionNorm,
    LlamaAttention attention,
    RmsNorm feedForwardNorm,
    Tensor gate,
    Tensor up,
    Tensor down) {
  static LlamaLayer load(Weights weights, int index, LlamaConfig config) {
    String prefix = "model.layers." + index + ".";
    return new LlamaLayer(
        LlamaBackbone.norm(weights, prefix + "input_layernorm.weight", config),
        LlamaAttention.load(weights, prefix + "self_attn", config),
        LlamaBackbone.norm(weights, prefix + "post_attention_layernorm.weight", config),
        weights.get(prefix + "mlp.gate_proj.weight", config.inner(), config.width()),
        weights.get(prefix + "mlp.up_proj.weight", config.inner(), config.width()),
        weights.get(prefix + "mlp.down_proj.weight", config.width(), config.inner()));
  }

  /** Keys and values of all positions of {@code normed}, which has passed the first norm. */
  KeysAndValues memory(Tensor normed, RotaryEmbedding.Turn turn, Adaptation adaptation) {
    return attention.memory(normed, turn, adaptation);
  }

  /** The layer over positions that look at themselves and those before them. */
  Tensor apply(Tensor x, RotaryEmbedding.Turn turn, Adaptation adaptation) {
    Tensor normed = attentionNorm.apply(x);
    return apply(x, normed, turn, memory(normed, turn, adaptation), null, true, adaptation);
  }

  /**
   * The layer over the positions of {@code x}.
   *
   * @param x {@code [batch, tokens, d]}
   * @param normed {@code x} behind {@link #attentionNorm}
   * @param memory keys and values of all positions that {@code x} may look at
   * @param mask −∞ at keys that are padding, or null
   * @param causal whether a position looks at no later one
   */
  Tensor apply(
      Tensor x,
      Tensor normed,
      RotaryEmbedding.Turn turn,
      KeysAndValues memory,
      Tensor mask,
      boolean causal,
      Adaptation adaptation) {
    Tensor y = x.add(attention.attend(normed, turn, memory, mask, causal, adaptation));
    return y.add(feedForward(feedForwardNorm.apply(y)));
  }

  private Tensor feedForward(Tensor y) {
    Tensor hidden = torch.silu(Products.linear(y, gate)).mul(Products.linear(y, up));
    return Products.linear(hidden, down);
  }
}
