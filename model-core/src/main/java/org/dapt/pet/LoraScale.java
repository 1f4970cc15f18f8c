package org.dapt.pet;

/**
 * By what the product of a block's two matrices is scaled.
 *
 * @param alpha α, above 0
 * @param rankStabilised whether that is α / √r (Kalajdzievski 2023, rsLoRA) in place of α / r
 */
public record LoraScale(double alpha, boolean rankStabilised) {
  /** The scale of matrices of rank {@code r}. */
  public double of(double r) {
    return alpha / (rankStabilised ? Math.sqrt(r) : r);
  }
}
