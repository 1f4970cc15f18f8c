package org.dapt.backbone.t5;

import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.LayerDropout;
import org.dapt.backbone.LayerDropout.Positions;
import org.dapt.backbone.Linear;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Weights;
import org.dapt.tensor.Attention;

/**
 * Multi-head attention without biases and without scaling of the scores: T5 folds the scale into
 * its weights.
 */
record T5Attention(Linear query, Linear key, Linear value, Linear output, int heads, int headSize) {
  /** No position is hidden from another but by a bias. */
  private static final Attention ATTENTION = new Attention(1, false);

  static T5Attention load(Weights weights, String prefix, T5Config config) {
    long inner = config.attentionWidth();
    return new T5Attention(
        Linear.load(weights, prefix + ".q", inner, config.width()),
        Linear.load(weights, prefix + ".k", inner, config.width()),
        Linear.load(weights, prefix + ".v", inner, config.width()),
        Linear.load(weights, prefix + ".o", config.width(), inner),
        config.heads(),
        config.headSize());
  }

  Stream<Projection> projections() {
    return Stream.of(query, key, value, output).map(Linear::projection);
  }

  /** Keys of {@code x}: {@code [batch, tokens, d] → [batch, heads, tokens, headSize]}. */
  Tensor keys(Tensor x, Adaptation adaptation) {
    return split(key.apply(x, adaptation));
  }

  /** Values of {@code x}: {@code [batch, tokens, d] → [batch, heads, tokens, headSize]}. */
  Tensor values(Tensor x, Adaptation adaptation) {
    return split(value.apply(x, adaptation));
  }

  /**
   * Attention of the positions of {@code x} to given keys and values.
   *
   * @param bias added to the scores, {@code [batch or 1, heads or 1, queries or 1, keys]}, or null
   * @param from what the positions of {@code x} are
   * @param to what those of the keys are
   * @return {@code [batch, queries, d]}
   */
  Tensor attend(
      Tensor x,
      Tensor keys,
      Tensor values,
      Tensor bias,
      Positions from,
      Positions to,
      Adaptation adaptation) {
    Tensor queries = split(query.apply(x, adaptation));
    LayerDropout dropout = adaptation.dropout();
    Tensor mixed =
        dropout == null
            ? ATTENTION.apply(queries, keys, values, bias)
            : ATTENTION.apply(
                queries, keys, values, bias, weights -> dropout.weights(weights, from, to));
    return merge(mixed.transpose(1, 2), adaptation);
  }

  /** The output of the mixed values {@code [batch, queries, heads, headSize]}. */
  Tensor merge(Tensor mixed, Adaptation adaptation) {
    return output.apply(mixed.reshape(mixed.size(0), mixed.size(1), width()), adaptation);
  }

  /** Components of all heads. */
  long width() {
    return (long) heads * headSize;
  }

  private Tensor split(Tensor x) {
    return x.view(x.size(0), x.size(1), heads, headSize).transpose(1, 2);
  }
}
