package org.dapt.pet;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * How the ranks of all blocks of a projection lie side by side.
 *
 * @param spread {@code [blocks, Σr]}: row i holds the scale of block i at the columns of that
 *     block, so that w times it is s
 * @param olderColumns how many columns the frozen blocks have
 * @param ownColumns how many the newest one has; 0 where there is none
 */
record RankLayout(Tensor spread, long olderColumns, long ownColumns) implements AutoCloseable {
  /**
   * @param ranks of the blocks, the oldest first
   * @param newest whether the last one is not frozen
   */
  static RankLayout of(List<Long> ranks, boolean newest, LoraScale scale, Placement placement) {
    long all = ranks.stream().mapToLong(rank -> rank).sum();
    long own = newest ? ranks.get(ranks.size() - 1) : 0;
    Tensor rows = placement.zeros(placement.learnt(), ranks.size(), all);
    long from = 0;
    for (int i = 0; i < ranks.size(); i++) {
      long rank = ranks.get(i);
      rows.select(0, i).narrow(0, from, rank).fill_(new Scalar(scale.of((double) rank)));
      from += rank;
    }
    return new RankLayout(Scopes.keep(rows), all - own, own);
  }

  /** s, {@code [batch, 1, Σr]}, of weights {@code [batch, blocks]}. */
  Tensor scale(Tensor weights, Placement placement) {
    return weights.matmul(spread).to(placement.scalar()).unsqueeze(1);
  }

  /** The columns of s that are the frozen blocks'. */
  Tensor older(Tensor scale) {
    return ownColumns == 0 ? scale : scale.narrow(2, 0, olderColumns);
  }

  /** Those that are the newest one's. */
  Tensor own(Tensor scale) {
    return olderColumns == 0 ? scale : scale.narrow(2, olderColumns, ownColumns);
  }

  @Override
  public void close() {
    Scopes.release(spread);
  }
}
