package org.dapt.backbone;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * x / sqrt(mean(x²) + ε) · weight, over the last dimension: no mean is subtracted and there is no
 * bias.
 *
 * @param weight {@code [d]}
 * @param epsilon ε
 */
public record RmsNorm(Tensor weight, double epsilon) {
  /** {@code [.., d] → [.., d]}. */
  public Tensor apply(Tensor x) {
    return torch.rms_norm(
        x, new long[] {weight.size(0)}, new TensorOptional(weight), new DoubleOptional(epsilon));
  }
}
