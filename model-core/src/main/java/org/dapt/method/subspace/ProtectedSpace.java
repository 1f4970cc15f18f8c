package org.dapt.method.subspace;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Tensors;

/**
 * A space of vectors that earlier tasks need left alone. It is held by an orthonormal basis of
 * itself, or of its complement where that has fewer dimensions (DualGPM): so never by more than d /
 * 2 columns.
 *
 * @param basis orthonormal columns, {@code [d, columns]}
 * @param complement whether they span what is not protected
 */
public record ProtectedSpace(Tensor basis, boolean complement) {
  /**
   * The space of which nothing is known yet.
   *
   * @param none {@code [d, 0]}
   */
  static ProtectedSpace nothing(Tensor none) {
    return new ProtectedSpace(none, false);
  }

  /**
   * The complement of what {@code free} spans.
   *
   * @param free columns, orthonormal but for rounding
   */
  static ProtectedSpace allBut(Tensor free) {
    return new ProtectedSpace(orthonormal(free, "reduced"), true);
  }

  /** d. */
  public long width() {
    return basis.size(0);
  }

  /** Its number of dimensions. */
  public long rank() {
    return complement ? width() - basis.size(1) : basis.size(1);
  }

  /** x − P x of every column: {@code [d, n] → [d, n]}. */
  public Tensor outside(Tensor columns) {
    Tensor inBasis = basis.matmul(basis.t().matmul(columns));
    return complement ? inBasis : columns.sub(inBasis);
  }

  /** U (I − P), what is left of every row: {@code [n, d] → [n, d]}. */
  public Tensor leftOf(Tensor rows) {
    Tensor inBasis = rows.matmul(basis).matmul(basis.t());
    return complement ? inBasis : rows.sub(inBasis);
  }

  /**
   * The space with further directions.
   *
   * @param added columns outside of it, orthonormal but for rounding, {@code [d, added]}
   */
  public ProtectedSpace with(Tensor added) {
    if (added.size(1) == 0) {
      return this;
    }
    if (complement) {
      // In the basis of the complement; what is orthogonal to the added ones there stays.
      Tensor full = orthonormal(basis.t().matmul(added), "complete");
      return new ProtectedSpace(basis.matmul(behind(full, added.size(1))), true);
    }
    long rank = rank() + added.size(1);
    Tensor all = Tensors.cat(List.of(basis, added), 1);
    return 2 * rank <= width()
        ? new ProtectedSpace(orthonormal(all, "reduced"), false)
        : new ProtectedSpace(behind(orthonormal(all, "complete"), rank), true);
  }

  /** An orthonormal basis that begins with one of what {@code columns} span. */
  private static Tensor orthonormal(Tensor columns, String mode) {
    // What the pair holds ends with it.
    return torch.linalg_qr(columns, mode).get0().contiguous();
  }

  private static Tensor behind(Tensor columns, long first) {
    return columns.narrow(1, first, columns.size(1) - first).contiguous();
  }
}
