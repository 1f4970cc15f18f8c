package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * The key with which the attention tells a new task from those before: with it the mean query of
 * the task's inputs gives {@link #OWN} of its weight to the new block, and the mean query of each
 * earlier task's replayed inputs the rest of that.
 *
 * <p>A key that is drawn stands as far from its own task as from all others. The block behind it,
 * which adds nothing yet, is then learnt with whatever weight that gives, and the older blocks,
 * which do something already, draw the attention to themselves first.
 *
 * <p>With mean queries {@code q} (the rows of {@code Q}) and the logits {@code t} that these
 * weights ask of the new key, given the older ones, it is the shortest key with {@code Q k = t
 * τ√d}: {@code k = Qᵀ (QQᵀ + εI)⁻¹ t τ√d}. The ridge ε bounds its length where two tasks are all
 * but the same.
 */
final class FittedKey {
  /** Weight of the new block on the new task's mean query. */
  private static final double OWN = 0.9;

  /** ε as a share of the mean squared length of a query. */
  private static final double RIDGE = 1e-3;

  private FittedKey() {}

  /**
   * The key of a first task: the direction of its mean query, with the length that a drawn key has
   * on average, √(d/3).
   *
   * @param own queries of its inputs, {@code [inputs, d]} in float64
   * @return {@code [d]}
   */
  static Tensor first(Tensor own) {
    Tensor query = mean(own).squeeze(0);
    double length = Math.sqrt(query.numel() / 3.0);
    return query.div(query.norm().clamp_min(new Scalar(Double.MIN_NORMAL))).mul(new Scalar(length));
  }

  /**
   * The key of a task behind others. All tensors are in float64 and the host's memory.
   *
   * @param own queries of its inputs, {@code [inputs, d]}
   * @param earlier queries of each earlier task that is replayed, {@code [inputs, d]}; maybe none
   * @param keys of the earlier tasks, {@code [tasks, d]}
   * @param temperature the attention's
   * @return {@code [d]}
   */
  static Tensor behind(Tensor own, List<Tensor> earlier, Tensor keys, double temperature) {
    List<Tensor> means = new ArrayList<>();
    earlier.forEach(task -> means.add(mean(task)));
    means.add(mean(own));
    Tensor queries = Tensors.cat(means, 0);
    double scale = 1 / (temperature * Math.sqrt((double) keys.size(1)));
    double odds = Math.log(OWN / (1 - OWN));
    double[] shifts = new double[means.size()];
    Arrays.fill(shifts, -odds);
    shifts[shifts.length - 1] = odds;
    Tensor others = queries.matmul(keys.t()).mul(new Scalar(scale)).logsumexp(new long[] {1});
    Placement host = Placement.cpu(ComputeType.FLOAT64);
    Tensor logits = others.add(host.of(ScalarType.Double, shifts, shifts.length));
    Tensor products = queries.matmul(queries.t());
    Tensor ridge =
        torch
            .eye(shifts.length, products.options())
            .mul(products.trace())
            .mul(new Scalar(RIDGE / shifts.length));
    Tensor solved = torch.linalg_solve(products.add(ridge), logits.div(new Scalar(scale)));
    return queries.t().matmul(solved);
  }

  /** {@code [inputs, d] → [1, d]}. */
  private static Tensor mean(Tensor queries) {
    return queries.sum(0).div(new Scalar((double) queries.size(0))).unsqueeze(0);
  }
}
