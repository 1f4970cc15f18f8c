package org.dapt.backbone;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Placement;

/**
 * Examples to learn from.
 *
 * @param source the inputs
 * @param targets the target ids of each example, end token included, without padding, none empty
 */
public record Batch(Source source, List<int[]> targets) {
  private static final long SUM_OVER_TOKENS = 2;
  private static final long NO_IGNORED_LABEL = -100;

  /** Number of target tokens of all examples. */
  public long targetTokens() {
    long count = 0;
    for (int[] target : targets) {
      count += target.length;
    }
    return count;
  }

  /**
   * The target ids of all examples, one after the other: the order of {@link
   * Backbone#targetLogits}.
   */
  public long[] flatTargets() {
    long[] flat = new long[Math.toIntExact(targetTokens())];
    int at = 0;
    for (int[] target : targets) {
      for (int id : target) {
        flat[at++] = id;
      }
    }
    return flat;
  }

  /**
   * The cross-entropy of the targets, summed over all of them.
   *
   * @param logits {@code [target tokens, vocabulary]}, as {@link Backbone#targetLogits} gave them
   * @param placement of the model
   * @return a scalar of the type of what is learnt
   */
  public Tensor crossEntropy(Tensor logits, Placement placement) {
    return torch.cross_entropy_loss(
        logits.to(placement.learnt()),
        placement.indices(flatTargets()),
        new TensorOptional(),
        SUM_OVER_TOKENS,
        NO_IGNORED_LABEL,
        0.0);
  }
}
