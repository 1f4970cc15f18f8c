package org.dapt.train;

import java.util.List;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.ParameterSet;
import org.dapt.tensor.Scopes;

/**
 * Decoupled weight decay (Loshchilov and Hutter 2019): every step takes {@code learning rate ·
 * rate} of a parameter away before its update. Biases and what belongs to a norm are left alone, by
 * their names, as in the Trainer of Transformers.
 */
final class WeightDecay implements AutoCloseable {
  private static final Pattern LEFT_ALONE =
      Pattern.compile("bias|layernorm|rmsnorm|(?:^|[._])norm(?:\\.|$)", Pattern.CASE_INSENSITIVE);

  private final double rate;
  private final List<Tensor> decayed;

  /**
   * Decay of {@code parameters}.
   *
   * @param rate at least 0; 0 is none
   */
  WeightDecay(ParameterSet parameters, double rate) {
    this.rate = rate;
    try (PointerScope scope = new PointerScope()) {
      decayed =
          rate == 0
              ? List.of()
              : parameters.spans(WeightDecay::decays).stream().map(Scopes::keep).toList();
    }
  }

  /** Whether the parameter {@code name} decays. */
  static boolean decays(String name) {
    return !LEFT_ALONE.matcher(name).find();
  }

  /** What a step with {@code learningRate} takes away. */
  void apply(double learningRate) {
    if (decayed.isEmpty()) {
      return;
    }
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      decayed.forEach(span -> span.mul_(new Scalar(1 - learningRate * rate)));
    }
  }

  @Override
  public void close() {
    decayed.forEach(Scopes::release);
  }
}
