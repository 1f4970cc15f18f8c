package org.dapt.method.progprompt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Placement;

/**
 * The residual network through which a prompt may be learnt: {@code P' = P + LayerNorm(up(ReLU(
 * down(P))))}, each row by itself. The norm stands inside the branch, so a network at birth adds a
 * vector of the length √d to every row, whatever the size of P.
 *
 * @param down {@code [bottleneck, d]}
 * @param downBias {@code [bottleneck]}
 * @param up {@code [d, bottleneck]}
 * @param upBias {@code [d]}
 * @param normWeight {@code [d]}
 * @param normBias {@code [d]}
 */
record ResidualNetwork(
    Tensor down, Tensor downBias, Tensor up, Tensor upBias, Tensor normWeight, Tensor normBias) {
  /** How the names of its tensors begin. */
  static final String PREFIX = "network.";

  private static final String DOWN = PREFIX + "down.weight";
  private static final String DOWN_BIAS = PREFIX + "down.bias";
  private static final String UP = PREFIX + "up.weight";
  private static final String UP_BIAS = PREFIX + "up.bias";
  private static final String NORM = PREFIX + "norm.weight";
  private static final String NORM_BIAS = PREFIX + "norm.bias";
  private static final double EPSILON = 1e-5;

  /** The network made of {@code tensors}; others among them are left alone. */
  static ResidualNetwork of(Map<String, Tensor> tensors) {
    return new ResidualNetwork(
        tensors.get(DOWN),
        tensors.get(DOWN_BIAS),
        tensors.get(UP),
        tensors.get(UP_BIAS),
        tensors.get(NORM),
        tensors.get(NORM_BIAS));
  }

  /**
   * Initial values: weights and biases uniform in ±1/√inputs, as PyTorch's linear layers; the norm
   * is the identity.
   */
  static ResidualNetwork initial(
      int width, int bottleneck, RandomGenerator random, Placement placement) {
    double ofWidth = 1 / Math.sqrt(width);
    double ofBottleneck = 1 / Math.sqrt(bottleneck);
    return new ResidualNetwork(
        placement.uniform(ofWidth, random, bottleneck, width),
        placement.uniform(ofWidth, random, bottleneck),
        placement.uniform(ofBottleneck, random, width, bottleneck),
        placement.uniform(ofBottleneck, random, width),
        placement.ones(placement.learnt(), width),
        placement.zeros(placement.learnt(), width));
  }

  /** How many numbers a network holds. */
  static long numbers(long width, long bottleneck) {
    return 2 * width * bottleneck + bottleneck + 3 * width;
  }

  /** P' of the prompt P: {@code [rows, d] → [rows, d]}. */
  Tensor apply(Tensor prompt) {
    Tensor hidden = torch.relu(torch.linear(prompt, down, new TensorOptional(downBias)));
    Tensor branch =
        torch.layer_norm(
            torch.linear(hidden, up, new TensorOptional(upBias)),
            new long[] {prompt.size(1)},
            new TensorOptional(normWeight),
            new TensorOptional(normBias),
            EPSILON,
            false);
    return prompt.add(branch);
  }

  /** Its tensors by name. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(DOWN, down);
    tensors.put(DOWN_BIAS, downBias);
    tensors.put(UP, up);
    tensors.put(UP_BIAS, upBias);
    tensors.put(NORM, normWeight);
    tensors.put(NORM_BIAS, normBias);
    return tensors;
  }
}
