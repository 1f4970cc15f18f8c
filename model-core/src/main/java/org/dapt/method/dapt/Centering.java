package org.dapt.method.dapt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Scopes;

/**
 * What the pooled embeddings of all texts have in common. A maximum over many tokens is large in
 * every entry and nearly the same for all texts: the cosine between two tasks is 0.98 in models
 * that were looked at. Each step of learning then turns the queries of all tasks alike. Set against
 * the maximum over random tokens, what is left is what a text has of its own
 * (docs/decisions/0009-attention-that-tells-tasks-apart.md).
 *
 * @param mean of the pooled embeddings of random texts, {@code [d]}
 * @param deviation their standard deviation, {@code [d]}, nowhere 0
 */
record Centering(Tensor mean, Tensor deviation) {
  private static final String MEAN = "query.center.mean";
  private static final String DEVIATION = "query.center.deviation";

  /** Tokens of a random text: about what an instruction and its input have. */
  private static final int TOKENS = 128;

  private static final int TEXTS = 256;

  /** How many texts are embedded at once: what they take of memory. */
  private static final int AT_ONCE = 16;

  /** Entries that hardly vary are not blown up beyond this share of the usual deviation. */
  private static final double LEAST_DEVIATION = 1e-3;

  /**
   * Of texts whose tokens are drawn evenly from {@code backbone}'s vocabulary, always the same
   * draw: it depends on the model alone. The tensors belong to the caller's scope.
   */
  static Centering ofRandomTexts(Backbone backbone) {
    RandomGenerator random = KeyedRandom.of(0, "random-texts");
    int width = backbone.width();
    Tensor sum = backbone.placement().zeros(ScalarType.Double, width);
    Tensor squares = backbone.placement().zeros(ScalarType.Double, width);
    try (NoGradGuard guard = new NoGradGuard()) {
      for (int text = 0; text < TEXTS; text += AT_ONCE) {
        try (PointerScope scope = new PointerScope()) {
          long[] ids = random.longs((long) AT_ONCE * TOKENS, 0, backbone.vocabulary()).toArray();
          Tensor texts = backbone.placement().indices(ids).view(AT_ONCE, TOKENS);
          Tensor pooled = backbone.embed(texts).amax(new long[] {1}, false).to(ScalarType.Double);
          sum.add_(pooled.sum(0));
          squares.add_(pooled.square().sum(0));
        }
      }
      Tensor mean = sum.div(new Scalar((double) TEXTS));
      Tensor variance =
          squares.div(new Scalar((double) TEXTS)).sub(mean.square()).clamp_min(new Scalar(0.0));
      Tensor deviation = variance.sqrt();
      Tensor least = deviation.mean().mul(new Scalar(LEAST_DEVIATION));
      ScalarType learnt = backbone.placement().learnt();
      // With embeddings that are all alike there is nothing to tell texts apart by.
      Tensor bounded = deviation.maximum(least).clamp_min(new Scalar(Float.MIN_NORMAL));
      return new Centering(mean.to(learnt), bounded.to(learnt));
    }
  }

  /** The one among {@code tensors}; null where there is none. */
  static Centering of(Map<String, Tensor> tensors) {
    return tensors.containsKey(MEAN) && tensors.containsKey(DEVIATION)
        ? new Centering(tensors.get(MEAN), tensors.get(DEVIATION))
        : null;
  }

  /** {@code (pooled − mean) / deviation}: {@code [batch, d] → [batch, d]}. */
  Tensor apply(Tensor pooled) {
    return pooled.sub(mean).div(deviation);
  }

  /** Copies of its tensors, by name; they belong to the caller's scope. */
  Map<String, Tensor> copies() {
    Map<String, Tensor> copies = new LinkedHashMap<>();
    copies.put(MEAN, mean.clone());
    copies.put(DEVIATION, deviation.clone());
    return copies;
  }

  /** Keeps it alive beyond the scopes that are open now, until {@link #release}. */
  Centering keep() {
    Scopes.keep(mean);
    Scopes.keep(deviation);
    return this;
  }

  /** Gives up one {@link #keep}. */
  void release() {
    Scopes.release(mean);
    Scopes.release(deviation);
  }
}
