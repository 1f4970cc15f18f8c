package org.dapt.backbone.llama;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.Linear;
import org.dapt.backbone.Projection;
import org.dapt.backbone.RmsNorm;
import org.dapt.backbone.Weights;

/**
 * Self-attention and a gated feed-forward layer (SwiGLU), each behind a norm, around a residual.
 */
record LlamaLayer(
    RmsNorm attentionNorm,
    LlamaAttention attention,
    RmsNorm feedForwardNorm,
    Linear gate,
    Linear up,
    Linear down) {
  static LlamaLayer load(Weights weights, int index, LlamaConfig config) {
    String prefix = "model.layers." + index + ".";
    return new LlamaLayer(
        LlamaBackbone.norm(weights, prefix + "input_layernorm.weight", config),
        LlamaAttention.load(weights, prefix + "self_attn", config),
        LlamaBackbone.norm(weights, prefix + "post_attention_layernorm.weight", config),
        Linear.load(weights, prefix + "mlp.gate_proj", config.inner(), config.width()),
        Linear.load(weights, prefix + "mlp.up_proj", config.inner(), config.width()),
        Linear.load(weights, prefix + "mlp.down_proj", config.width(), config.inner()));
  }

  Stream<Projection> projections() {
    return Stream.concat(
        attention.projections(), Stream.of(gate, up, down).map(Linear::projection));
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
    return y.add(feedForward(feedForwardNorm.apply(y), adaptation));
  }

  private Tensor feedForward(Tensor y, Adaptation adaptation) {
    Tensor hidden = torch.silu(gate.apply(y, adaptation)).mul(up.apply(y, adaptation));
    return down.apply(hidden, adaptation);
  }
}
