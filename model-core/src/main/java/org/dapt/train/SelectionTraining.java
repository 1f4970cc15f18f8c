package org.dapt.train;

import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.exchange.GradientExchange;
import org.dapt.method.ParameterSet;
import org.dapt.method.dapt.Reflection;
import org.dapt.method.dapt.Selection;
import org.dapt.method.dapt.SharedAttention;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * Fits keys and query network to the attention that inputs shall have, without the language model:
 * {@code Σ share · KL(target ‖ w)} over the inputs of all ranks is what the steps of {@link AdamW}
 * lower, each over all of them. Ranks hold equal parameters after every step. It belongs to one
 * thread.
 */
public final class SelectionTraining implements AutoCloseable {
  private final ParameterSet parameters;
  private final double temperature;
  private final Reflection own;
  private final GradientExchange exchange;
  private final AdamW optimizer;

  /**
   * @param start initial keys and query network, which are copied
   * @param own the inputs of this rank; it may have none. Their tensors belong to the caller
   * @param placement on the CPU: what is exchanged lies in host memory
   */
  public SelectionTraining(
      Selection start,
      double temperature,
      Reflection own,
      double learningRate,
      GradientExchange exchange,
      Placement placement) {
    parameters = new ParameterSet(new LinkedHashMap<>(start.tensors()), placement);
    this.temperature = temperature;
    this.own = own;
    this.exchange = exchange;
    optimizer =
        new AdamW(parameters.values(), RateSpan.of(parameters, name -> true, name -> learningRate));
  }

  /** One step; returns the loss before it. */
  public double step() {
    double loss = gradient();
    optimizer.step(parameters.gradient(), 1);
    return loss;
  }

  /** The loss as the parameters are now. */
  public double loss() {
    return gradient();
  }

  private double gradient() {
    Tensor buffer = parameters.gradientBuffer();
    try (PointerScope scope = new PointerScope()) {
      buffer.zero_();
      if (own.pooled().size(0) > 0) {
        Selection now = Selection.in(parameters.tensors());
        Tensor loss = own.divergence(new SharedAttention(now.network(), now.keys(), temperature));
        loss.backward();
        try (NoGradGuard guard = new NoGradGuard()) {
          behindGradients(buffer).copy_(loss.detach());
        }
      }
      exchange.sum(buffer);
      return Tensors.toDoubles(behindGradients(buffer).view(1))[0];
    }
  }

  private Tensor behindGradients(Tensor buffer) {
    return buffer.select(0, parameters.size());
  }

  /** Keys and network as they are now, as copies in the caller's scope. */
  public Selection selection() {
    Map<String, Tensor> copies = parameters.copies();
    return Selection.in(copies);
  }

  @Override
  public void close() {
    optimizer.close();
    parameters.close();
  }
}
