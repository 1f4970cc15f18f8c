package org.dapt.method.dapt;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attentive reflection: replayed inputs of earlier tasks keep the attention that their task had
 * when it was learnt.
 *
 * @param pooled what the attention sees of the replayed inputs, {@code [samples, d]}
 * @param targets the attention each of them shall keep, {@code [samples, tasks]}, rows sum to 1
 * @param shares what a sample's divergence counts in the sum, {@code [samples]}
 */
public record Reflection(Tensor pooled, Tensor targets, Tensor shares) {
  /**
   * The reflection on some of the samples.
   *
   * @param rows numbers of samples, {@code [chosen]} in int64
   * @param newShares what each of them counts then, {@code [chosen]}
   */
  public Reflection select(Tensor rows, Tensor newShares) {
    return new Reflection(pooled.index_select(0, rows), targets.index_select(0, rows), newShares);
  }

  /**
   * {@code Σ share · KL(target ‖ w)} over the samples, with 0 log 0 = 0: a scalar without λ. With
   * the shares 1/nᵢ for the samples of task i it is the sum over earlier tasks of the mean
   * divergence of each.
   */
  public Tensor divergence(SharedAttention attention) {
    Tensor own = torch.xlogy(targets, targets);
    Tensor cross = targets.mul(attention.logWeights(pooled));
    return own.sub(cross).sum(1).mul(shares).sum();
  }
}
