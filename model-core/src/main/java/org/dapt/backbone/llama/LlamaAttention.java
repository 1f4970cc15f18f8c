package org.dapt.backbone.llama;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.KeysAndValues;
import org.dapt.backbone.Linear;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Weights;
import org.dapt.tensor.Attention;

/** Grouped-query attention: every key and value head serves several query heads. */
record LlamaAttention(
    Linear query,
    Linear key,
    Linear value,
    Linear output,
    int heads,
    int keyValueHeads,
    int headSize) {
  static LlamaAttention load(Weights weights, String prefix, LlamaConfig config) {
    long queries = (long) config.heads() * config.headSize();
    long keys = (long) config.keyValueHeads() * config.headSize();
    return new LlamaAttention(
        Linear.load(weights, prefix + ".q_proj", queries, config.width()),
        Linear.load(weights, prefix + ".k_proj", keys, config.width()),
        Linear.load(weights, prefix + ".v_proj", keys, config.width()),
        Linear.load(weights, prefix + ".o_proj", config.width(), queries),
        config.heads(),
        config.keyValueHeads(),
        config.headSize());
  }

  Stream<Projection> projections() {
    return Stream.of(query, key, value, output).map(Linear::projection);
  }

  /** Turned keys, and values, of {@code x}: {@code [batch, tokens, d]}. */
  KeysAndValues memory(Tensor x, RotaryEmbedding.Turn turn, Adaptation adaptation) {
    return new KeysAndValues(
        turn.apply(split(key.apply(x, adaptation), keyValueHeads)),
        split(value.apply(x, adaptation), keyValueHeads));
  }

  /**
   * Attention of the positions of {@code x} to given keys and values.
   *
   * @param mask added to the scores, {@code [batch, 1, 1, keys]}, or null
   * @param causal whether a position looks at no later one
   * @return {@code [batch, tokens, d]}
   */
  Tensor attend(
      Tensor x,
      RotaryEmbedding.Turn turn,
      KeysAndValues memory,
      Tensor mask,
      boolean causal,
      Adaptation adaptation) {
    Tensor mixed =
        new Attention(1 / Math.sqrt(headSize), causal)
            .apply(
                turn.apply(split(query.apply(x, adaptation), heads)),
                memory.keys(),
                memory.values(),
                mask);
    Tensor merged = mixed.transpose(1, 2).reshape(x.size(0), x.size(1), (long) heads * headSize);
    return output.apply(merged, adaptation);
  }

  private Tensor split(Tensor x, int parts) {
    return x.view(x.size(0), x.size(1), parts, headSize).transpose(1, 2);
  }
}
