package org.dapt.exchange;

import java.time.Duration;
import org.bytedeco.pytorch.Tensor;

/** One rank's seat in a {@link LocalGroup}. */
final class LocalExchange implements GradientExchange {
  private final LocalGroup group;
  private final int rank;
  private final Duration timeout;
  private boolean closed;

  LocalExchange(LocalGroup group, int rank, Duration timeout) {
    this.group = group;
    this.rank = rank;
    this.timeout = timeout;
  }

  @Override
  public String name() {
    return "local";
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int ranks() {
    return group.ranks();
  }

  @Override
  public void sum(Tensor flat) {
    group.sum(rank, flat, timeout);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      group.leave(rank);
    }
  }
}
