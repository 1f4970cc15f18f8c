package org.dapt.method.dapt;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attentive reflection: replayed inputs of earlier tasks keep the attention that their task had
 * when it was learnt.
 *
 * @param pooled what the attention sees of the replayed inputs, {@code [samples, d]}
 * @param targets the attention each of them shall keep, {@code [samples, tasks]}, rows sum to 1
 */
public record Reflection(Tensor pooled, Tensor targets) {
  /**
   * The reflection on some of the samples.
   *
   * @param rows numbers of samples, {@code [chosen]} in int64
   */
  public Reflection select(Tensor rows) {
    return new Reflection(pooled.index_select(0, rows), targets.index_select(0, rows));
  }

  /** The mean over the samples of KL(target ‖ w), with 0 log 0 = 0: a scalar without λ. */
  public Tensor divergence(SharedAttention attention) {
    Tensor own = torch.xlogy(targets, targets);
    Tensor cross = targets.mul(attention.logWeights(pooled));
    return own.sub(cross).sum(1).mean();
  }
}
