package org.dapt.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Matrix products with frozen weights. */
public final class Products {
  /** Up to so many rows, oneDNN multiplies float32 faster than OpenBLAS does. */
  private static final long MOST_ROWS = 64;

  /** From so many multiplications on, it makes up for the way into its layout and back. */
  private static final long FEWEST_MULTIPLICATIONS = 3 << 18;

  private Products() {}

  /**
   * {@code x Wᵀ}: {@code [.., in] → [.., out]}, a tensor of its own.
   *
   * <p>Few rows, as in decoding, are multiplied by oneDNN on CPUs: 0.2 to 0.9 of the time, see
   * {@code docs/performance.md}. OpenBLAS copies both operands into another order first, which
   * takes most of the time where one of them is a few rows.
   *
   * @param weight W, {@code [out, in]}, contiguous
   */
  public static Tensor linear(Tensor x, Tensor weight) {
    long rows = x.numel() / weight.size(1);
    if (rows > MOST_ROWS
        || rows * weight.numel() < FEWEST_MULTIPLICATIONS
        || x.requires_grad()
        || !x.is_cpu()
        || x.scalar_type().intern() != ScalarType.Float) {
      return torch.linear(x, weight);
    }
    return Scopes.inScope(() -> torch.mkldnn_linear(x.to_mkldnn(), weight).to_dense());
  }
}
