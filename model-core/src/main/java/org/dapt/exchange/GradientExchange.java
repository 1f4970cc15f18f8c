package org.dapt.exchange;

import org.bytedeco.pytorch.Tensor;

/**
 * One rank's end of a group that sums vectors. Every rank calls {@link #sum} equally often, with
 * vectors of the same length and type. An exchange belongs to one thread.
 */
public interface GradientExchange extends AutoCloseable {
  /** The name under which the exchange is configured, such as {@code local}. */
  String name();

  /** This rank, from 0. */
  int rank();

  /** The number of ranks, at least 1. */
  int ranks();

  /**
   * Replaces {@code flat} by its sum over all ranks. The result has the same bits on every rank,
   * and the same bits when the same vectors are summed again by as many ranks.
   *
   * @param flat {@code [n]}, float32 or float64, contiguous, in host memory, n ≥ 0
   * @throws ExchangeException if a peer has left or does not come in time; the exchange is unusable
   *     afterwards
   */
  void sum(Tensor flat);

  /**
   * Leaves the group. Peers that are in {@link #sum} or enter it later are released by an
   * exception.
   */
  @Override
  void close();
}
