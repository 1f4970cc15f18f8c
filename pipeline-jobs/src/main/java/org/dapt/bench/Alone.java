package org.dapt.bench;

import org.bytedeco.pytorch.Tensor;
import org.dapt.exchange.GradientExchange;

/** The exchange of a rank without peers. */
final class Alone implements GradientExchange {
  @Override
  public String name() {
    return "none";
  }

  @Override
  public int rank() {
    return 0;
  }

  @Override
  public int ranks() {
    return 1;
  }

  @Override
  public void sum(Tensor flat) {
    // The sum over one rank is there already.
  }

  @Override
  public void close() {
    // Nothing is open.
  }
}
