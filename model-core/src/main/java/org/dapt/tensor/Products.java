package org.dapt.tensor;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Matrix products with frozen weights. */
public final class Products {
  /**
   * Up to so many multiplications, OpenBLAS multiplies where the operands lie. Above, it first
   * copies both into another order, which takes most of the time where one operand is a few rows.
   */
  private static final long IN_PLACE = 64 * 64 * 64;

  private static final long MOST_COLUMNS = 64;
  private static final long FEWEST_COLUMNS = 4;

  private Products() {}

  /**
   * {@code x Wᵀ}: {@code [.., in] → [.., out]}, a tensor of its own.
   *
   * <p>Few rows, as in decoding, are multiplied by a few columns of the result at a time: 1.5 to 10
   * times as fast on CPUs as one product, see {@code docs/performance.md}.
   *
   * @param weight W, {@code [out, in]}, contiguous
   */
  public static Tensor linear(Tensor x, Tensor weight) {
    long in = weight.size(1);
    long rows = x.numel() / in;
    long columns = columns(rows, weight);
    // A backward pass through the parts would hold a gradient of x for each of them.
    if (columns == 0 || x.requires_grad() || !x.is_cpu() || !isFloat(x)) {
      return torch.linear(x, weight);
    }
    long parts = weight.size(0) / columns;
    long[] shape = Tensors.shape(x);
    shape[shape.length - 1] = weight.size(0);
    return x.reshape(1, rows, in)
        .expand(parts, rows, in)
        .bmm(weight.view(parts, columns, in).transpose(1, 2))
        .transpose(0, 1)
        .reshape(shape);
  }

  /** Columns of the result that are computed at a time; 0 for all at once. */
  private static long columns(long rows, Tensor weight) {
    if (rows < 2) {
      return 0;
    }
    for (long columns = MOST_COLUMNS; columns >= FEWEST_COLUMNS; columns /= 2) {
      if (weight.size(0) % columns == 0 && rows * columns * weight.size(1) <= IN_PLACE) {
        return columns;
      }
    }
    return 0;
  }

  private static boolean isFloat(Tensor tensor) {
    return tensor.scalar_type().intern() == ScalarType.Float;
  }
}
