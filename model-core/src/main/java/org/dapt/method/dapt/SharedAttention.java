package org.dapt.method.dapt;

import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;

/**
 * The attention of inputs to tasks: {@code w = softmax(q Kᵀ / (temperature · √d))}, computed once
 * for an input and used in every layer, when a task is learnt (attentive learning) and when blocks
 * are chosen (attentive selection).
 *
 * @param network makes the queries
 * @param keys {@code [tasks, d]}, one key per task
 * @param temperature 1 in the paper
 */
public record SharedAttention(QueryNetwork network, Tensor keys, double temperature) {
  /** A key at birth: uniform in ±1, {@code [d]}. */
  public static Tensor initialKey(int width, RandomGenerator random, Placement placement) {
    return placement.uniform(1, random, width);
  }

  /**
   * Weights over tasks of pooled inputs: {@code [batch, d] → [batch, tasks]}, each row sums to 1.
   */
  public Tensor weights(Tensor pooled) {
    return logits(pooled).softmax(1);
  }

  /** Natural logarithms of {@link #weights}. */
  public Tensor logWeights(Tensor pooled) {
    return logits(pooled).log_softmax(1);
  }

  private Tensor logits(Tensor pooled) {
    double scale = 1 / (temperature * Math.sqrt((double) keys.size(1)));
    return network.query(pooled).matmul(keys.t()).mul(new Scalar(scale));
  }
}
