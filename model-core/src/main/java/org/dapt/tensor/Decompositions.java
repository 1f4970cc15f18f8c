package org.dapt.tensor;

import java.util.List;
import org.bytedeco.pytorch.StringViewOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decompositions in float64 that take another way where LAPACK's routines do not converge. That for
 * singular values (gesdd) fails on single matrices of deficient rank, with the products of one kind
 * of processor and not with those of another; the same matrix transposed is then no trouble.
 */
public final class Decompositions {
  private static final Logger LOG = LoggerFactory.getLogger(Decompositions.class);

  /** How libtorch says that a routine did not converge. */
  private static final String FAILED = "failed to converge";

  /** What of the root sum of squares of a matrix is rounding in its singular values. */
  private static final double ROUNDING = 1e-13;

  /**
   * A decomposition.
   *
   * @param vectors orthonormal, one a column, {@code [d, n]}
   * @param values the number of each, {@code [n]}
   * @param rounding numbers up to so many times the sum of all, or of those of a matrix that this
   *     one is a part of, are rounding
   */
  public record Columns(Tensor vectors, Tensor values, double rounding) {
    /** In the opposite order. */
    public Columns reversed() {
      return new Columns(torch.flip(vectors, 1), torch.flip(values, 0), rounding);
    }
  }

  /** A way to decompose a matrix. */
  @FunctionalInterface
  interface Way {
    Columns of(Tensor matrix);
  }

  private Decompositions() {}

  /**
   * Left singular vectors with the squares of their singular values, the largest first.
   *
   * @param matrix {@code [d, d]}
   */
  public static Columns leftSingular(Tensor matrix) {
    return first(
        List.of(Decompositions::singular, Decompositions::ofTransposed, Decompositions::ofProduct),
        matrix);
  }

  /**
   * Eigenvectors with their eigenvalues, the smallest first.
   *
   * @param matrix symmetric, without negative eigenvalues but for rounding, {@code [d, d]}
   */
  public static Columns eigen(Tensor matrix) {
    return first(List.of(Decompositions::symmetric, Decompositions::ofSquare), matrix);
  }

  /** What the first of {@code ways} gives that converges. */
  static Columns first(List<Way> ways, Tensor matrix) {
    for (Way way : ways.subList(0, ways.size() - 1)) {
      try {
        return way.of(matrix);
      } catch (RuntimeException e) {
        if (e.getMessage() == null || !e.getMessage().contains(FAILED)) {
          throw e;
        }
        LOG.debug("A matrix of width {} is decomposed in another way", matrix.size(1), e);
      }
    }
    return ways.get(ways.size() - 1).of(matrix);
  }

  static Columns singular(Tensor matrix) {
    T_TensorTensorTensor_T parts = torch.linalg_svd(matrix, false, new StringViewOptional());
    // What the parts hold ends with them.
    return new Columns(parts.get0().contiguous(), parts.get1().square(), ROUNDING * ROUNDING);
  }

  /** Those on the right of the transposed matrix. */
  static Columns ofTransposed(Tensor matrix) {
    T_TensorTensorTensor_T parts =
        torch.linalg_svd(matrix.t().contiguous(), false, new StringViewOptional());
    return new Columns(parts.get2().t().contiguous(), parts.get1().square(), ROUNDING * ROUNDING);
  }

  /** The eigenvectors of X Xᵀ, which tells less of the small ones. */
  static Columns ofProduct(Tensor matrix) {
    return symmetric(matrix.matmul(matrix.t())).reversed();
  }

  static Columns symmetric(Tensor matrix) {
    T_TensorTensor_T parts = torch.linalg_eigh(matrix);
    return new Columns(parts.get1().contiguous(), parts.get0().clone(), ROUNDING);
  }

  /** A symmetric matrix without negative eigenvalues has them as its singular values. */
  static Columns ofSquare(Tensor matrix) {
    Columns columns = singular(matrix);
    return new Columns(columns.vectors(), columns.values().sqrt(), ROUNDING).reversed();
  }
}
