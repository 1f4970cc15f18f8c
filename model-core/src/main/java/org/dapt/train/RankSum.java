package org.dapt.train;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.ParameterSet;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * The sum of a step over ranks: of the gradients, and of the numbers behind them. An exchange sums
 * in this process's memory; values of another device take the way there and back through one
 * buffer, which is kept.
 */
final class RankSum implements AutoCloseable {
  private final ParameterSet parameters;
  private final GradientExchange exchange;
  private final Placement placement;

  /** Null where the values lie in this process's memory, and before the first sum. */
  private Tensor passage;

  private long nanos;

  RankSum(ParameterSet parameters, GradientExchange exchange, Placement placement) {
    this.parameters = parameters;
    this.exchange = exchange;
    this.placement = placement;
  }

  /**
   * Replaces the gradients and the sums of {@code numbers} by those over all ranks.
   *
   * @param known what of the sums this process knows by itself; 0 at the others
   * @return the same over all ranks; the other entries hold no meaning
   * @throws org.dapt.error.TrainingException if this rank's cross-entropy is not finite
   */
  double[] sum(StepNumbers numbers, double[] known) {
    nanos = 0;
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor buffer = parameters.gradientBuffer();
      behind(buffer).copy_(numbers.sums());
      double[] global = exchange.ranks() == 1 ? known : exchanged(buffer, numbers, known);
      // In the type of the gradients, however many ranks there are.
      numbers.sums().copy_(behind(buffer));
      return global;
    }
  }

  private double[] exchanged(Tensor buffer, StepNumbers numbers, double[] known) {
    Tensor host = buffer;
    if (!buffer.is_cpu()) {
      // Everything before belongs to the step's computing, the copy to the exchange.
      placement.device().await();
    }
    long start = System.nanoTime();
    if (!buffer.is_cpu()) {
      host = passage(buffer);
      host.copy_(buffer);
    }
    Tensor sums = behind(host);
    if (!Double.isFinite(sums.select(0, 0).item_double())) {
      numbers.requireFinite();
    }
    sums.add_(placement.host().of(placement.learnt(), known, known.length));
    exchange.sum(host);
    if (!buffer.is_cpu()) {
      // The next sum's copy into the passage comes behind this one on the device.
      buffer.copy_(host, true);
    }
    nanos = System.nanoTime() - start;
    return Tensors.toDoubles(sums);
  }

  private Tensor behind(Tensor buffer) {
    return buffer.narrow(0, parameters.size(), ParameterSet.SPARE_SUMS);
  }

  private Tensor passage(Tensor buffer) {
    if (passage == null) {
      passage = Scopes.keep(placement.passage(buffer));
    }
    return passage;
  }

  /** What the newest sum took, waiting for the slowest rank included. */
  double seconds() {
    return nanos / 1e9;
  }

  @Override
  public void close() {
    Scopes.release(passage);
  }
}
