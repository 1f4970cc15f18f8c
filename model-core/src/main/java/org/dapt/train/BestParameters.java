package org.dapt.train;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Scopes;

/** Keeps a copy of the parameters that were best on dev, of equally good ones the first. */
final class BestParameters implements AutoCloseable {
  private final Tensor values;

  /** Null before the first offer. */
  private BestState best;

  /**
   * @param values the learner's parameters, {@code [n]}, which change from step to step
   */
  BestParameters(Tensor values) {
    this.values = values;
  }

  /** Copies the parameters as they are now where {@code score} is better than all before it. */
  void offer(long step, double score) {
    if (best == null || score > best.choice().score()) {
      keep(new BestState(new DevChoice(step, score), values));
    }
  }

  /** Keeps a copy of {@code state}, or nothing where it is null. */
  void keep(BestState state) {
    if (state == null) {
      close();
      return;
    }
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor copy = best == null ? Scopes.keep(torch.empty_like(values)) : best.values();
      copy.copy_(state.values());
      best = new BestState(state.choice(), copy);
    }
  }

  /** What is kept; null before the first offer. The tensor changes with the next offer. */
  BestState state() {
    return best;
  }

  /** Puts what is kept in the place of the parameters. */
  void take() {
    if (best != null) {
      try (NoGradGuard guard = new NoGradGuard()) {
        values.copy_(best.values());
      }
    }
  }

  @Override
  public void close() {
    if (best != null) {
      Scopes.release(best.values());
      best = null;
    }
  }
}
