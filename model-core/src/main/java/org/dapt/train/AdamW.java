package org.dapt.train;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Scopes;

/**
 * AdamW over one flat vector (Loshchilov and Hutter 2019), with β = (0.9, 0.999) and ε = 1e-8; its
 * decay of weights is {@link WeightDecay}. Its whole state is two vectors and the number of steps.
 */
public final class AdamW implements AutoCloseable {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.999;
  private static final double EPSILON = 1e-8;

  private final Tensor values;
  private final List<RateSpan> spans;
  private final Tensor mean;
  private final Tensor square;
  private long steps;

  /**
   * An optimizer of {@code values}, which it changes in place.
   *
   * @param spans which of them are learnt at which rate
   */
  AdamW(Tensor values, List<RateSpan> spans) {
    this.values = values;
    this.spans = List.copyOf(spans);
    try (PointerScope scope = new PointerScope()) {
      mean = Scopes.keep(torch.zeros_like(values));
      square = Scopes.keep(torch.zeros_like(values));
    }
  }

  /**
   * One update.
   *
   * @param gradient of the size of the values
   * @param factor of the learning rates in this step
   */
  public void step(Tensor gradient, double factor) {
    steps++;
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      mean.lerp_(gradient, new Scalar(1 - BETA1));
      square.mul_(new Scalar(BETA2)).addcmul_(gradient, gradient, new Scalar(1 - BETA2));
      double unbiased = 1 - Math.pow(BETA1, (double) steps);
      double correction = Math.sqrt(1 - Math.pow(BETA2, (double) steps));
      Tensor denominator = square.sqrt().div_(new Scalar(correction)).add_(new Scalar(EPSILON));
      for (RateSpan span : spans) {
        double stepSize = span.rate() * factor / unbiased;
        span.of(values).addcdiv_(span.of(mean), span.of(denominator), new Scalar(-stepSize));
      }
    }
  }

  /** Goes on from the moments and the number of steps of {@code state}. */
  void restore(TrainerState state) {
    try (NoGradGuard guard = new NoGradGuard()) {
      mean.copy_(state.mean());
      square.copy_(state.square());
    }
    steps = state.step();
  }

  /** Running mean of the gradients. */
  public Tensor mean() {
    return mean;
  }

  /** Running mean of the squared gradients. */
  public Tensor square() {
    return square;
  }

  @Override
  public void close() {
    Scopes.release(mean);
    Scopes.release(square);
  }
}
