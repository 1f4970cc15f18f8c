package org.dapt.train;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;
import java.util.regex.Pattern;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.ParameterSet;

/**
 * Decoupled weight decay (Loshchilov and Hutter 2019): every step takes {@code learning rate ·
 * decay} of a parameter away before its update. Biases and what belongs to a norm are left alone,
 * by their names, as in the Trainer of Transformers.
 */
final class WeightDecay {
  private static final Pattern LEFT_ALONE =
      Pattern.compile("bias|layernorm|rmsnorm|(?:^|[._])norm(?:\\.|$)", Pattern.CASE_INSENSITIVE);

  private final Tensor values;
  private final double decay;
  private final List<RateSpan> spans;

  /**
   * Decay of {@code parameters}.
   *
   * @param decay at least 0; 0 is none
   * @param wanted which of them may decay at all, by name
   * @param rate the learning rate of a parameter, by its name
   */
  WeightDecay(
      ParameterSet parameters,
      double decay,
      Predicate<String> wanted,
      ToDoubleFunction<String> rate) {
    values = parameters.values();
    this.decay = decay;
    spans =
        decay == 0
            ? List.of()
            : RateSpan.of(parameters, name -> decays(name) && wanted.test(name), rate);
  }

  /** Whether the parameter {@code name} decays. */
  static boolean decays(String name) {
    return !LEFT_ALONE.matcher(name).find();
  }

  /**
   * What a step takes away.
   *
   * @param factor of the learning rates in this step
   */
  void apply(double factor) {
    if (spans.isEmpty()) {
      return;
    }
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      spans.forEach(span -> span.of(values).mul_(new Scalar(1 - span.rate() * factor * decay)));
    }
  }
}
