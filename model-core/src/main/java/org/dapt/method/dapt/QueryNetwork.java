package org.dapt.method.dapt;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.dapt.tensor.Placement;

/**
 * From what is seen of an input to its query: {@code LayerNorm(SiLU(up(down(x))))}. It is shared by
 * all tasks and keeps training.
 *
 * @param down {@code [hidden, d]}
 * @param up {@code [d, hidden]}
 * @param normWeight {@code [d]}
 * @param normBias {@code [d]}
 */
public record QueryNetwork(Tensor down, Tensor up, Tensor normWeight, Tensor normBias) {
  private static final String DOWN = "query.down.weight";
  private static final String UP = "query.up.weight";
  private static final String NORM_WEIGHT = "query.norm.weight";
  private static final String NORM_BIAS = "query.norm.bias";
  private static final double EPSILON = 1e-5;

  /** The network made of {@code tensors}; others among them are left alone. */
  public static QueryNetwork of(Map<String, Tensor> tensors) {
    return new QueryNetwork(
        tensors.get(DOWN), tensors.get(UP), tensors.get(NORM_WEIGHT), tensors.get(NORM_BIAS));
  }

  /**
   * Initial values: linear layers uniform in ±1/√inputs, as PyTorch's; the norm is the identity.
   */
  public static QueryNetwork initial(
      int width, int hidden, RandomGenerator random, Placement placement) {
    return new QueryNetwork(
        placement.uniform(1 / Math.sqrt(width), random, hidden, width),
        placement.uniform(1 / Math.sqrt(hidden), random, width, hidden),
        placement.ones(placement.learnt(), width),
        placement.zeros(placement.learnt(), width));
  }

  /** How many numbers a network holds. */
  static long numbers(long width, long hidden) {
    return 2 * width * hidden + 2 * width;
  }

  /** Whether {@code tensors} holds a network. */
  public static boolean isIn(Map<String, Tensor> tensors) {
    return tensors.containsKey(DOWN)
        && tensors.containsKey(UP)
        && tensors.containsKey(NORM_WEIGHT)
        && tensors.containsKey(NORM_BIAS);
  }

  /** Queries of pooled inputs: {@code [batch, d] → [batch, d]}. */
  public Tensor query(Tensor pooled) {
    Tensor hidden = torch.silu(torch.linear(torch.linear(pooled, down), up));
    return torch.layer_norm(
        hidden,
        new long[] {hidden.size(1)},
        new TensorOptional(normWeight),
        new TensorOptional(normBias),
        EPSILON,
        false);
  }

  /** Its tensors by name. */
  public Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put(DOWN, down);
    tensors.put(UP, up);
    tensors.put(NORM_WEIGHT, normWeight);
    tensors.put(NORM_BIAS, normBias);
    return tensors;
  }
}
