package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * Sets a new key, before the first step, so that the attention tells its task from the others: with
 * it the mean query of the task's training inputs gives {@link #OWN} of its weight to the new
 * block, and the mean query of each earlier task's replayed inputs the rest of that.
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
final class FittedKey implements InputPass {
  /** Weight of the new block on the new task's mean query. */
  private static final double OWN = 0.9;

  /** ε as a share of the mean squared length of a query. */
  private static final double RIDGE = 1e-3;

  private final QueryInput input;
  private final QueryNetwork network;
  private final SharedAttention older;
  private final Reflection reflection;
  private final int[] taskOf;
  private final Tensor key;

  /**
   * Of the attention as it is before the task.
   *
   * @param network makes the queries
   * @param older the attention to the tasks before; null for none
   * @param reflection replayed inputs of the tasks before; null for none
   * @param taskOf the earlier task of each of them, in ascending order
   * @param key that is set, {@code [d]}
   */
  FittedKey(
      QueryInput input,
      QueryNetwork network,
      SharedAttention older,
      Reflection reflection,
      int[] taskOf,
      Tensor key) {
    this.input = input;
    this.network = network;
    this.older = older;
    this.reflection = reflection;
    this.taskOf = taskOf;
    this.key = key;
  }

  @Override
  public Over over() {
    return Over.TRAINING;
  }

  /** Enough for a mean, whatever the size of the task. */
  @Override
  public int mostOfShard() {
    return 256;
  }

  /** The sum of the queries, and their number. */
  @Override
  public int entries() {
    return (int) key.size(0) + 1;
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    Tensor sum = network.query(input.of(source)).to(ScalarType.Double).sum(0);
    Tensor count = torch.full_like(sum.narrow(0, 0, 1), new Scalar((double) examples.size()));
    return Tensors.cat(List.of(sum, count), 0);
  }

  @Override
  public void take(Tensor sums) {
    long width = key.size(0);
    Tensor own = sums.narrow(0, 0, width).div(sums.narrow(0, width, 1)).unsqueeze(0);
    key.copy_(older == null ? first(own) : fitted(own));
  }

  /** The direction of the mean query, with the length that a drawn key has on average. */
  private static Tensor first(Tensor own) {
    Tensor query = own.squeeze(0);
    double length = Math.sqrt(query.numel() / 3.0);
    return query.div(query.norm().clamp_min(new Scalar(Double.MIN_NORMAL))).mul(new Scalar(length));
  }

  private Tensor fitted(Tensor own) {
    Tensor keys = older.keys().to(ScalarType.Double).cpu();
    double scale = 1 / (older.temperature() * Math.sqrt((double) key.size(0)));
    List<Tensor> means = new ArrayList<>(earlierMeans());
    means.add(own);
    Tensor queries = Tensors.cat(means, 0);
    double odds = Math.log(OWN / (1 - OWN));
    double[] shifts = new double[means.size()];
    Arrays.fill(shifts, -odds);
    shifts[means.size() - 1] = odds;
    Tensor others = queries.matmul(keys.t()).mul(new Scalar(scale)).logsumexp(new long[] {1});
    Tensor targets =
        others
            .add(Placement.cpu(ComputeType.FLOAT64).of(ScalarType.Double, shifts, shifts.length))
            .div(new Scalar(scale));
    Tensor products = queries.matmul(queries.t());
    Tensor ridge =
        torch
            .eye(shifts.length, products.options())
            .mul(products.trace())
            .mul(new Scalar(RIDGE / shifts.length));
    return queries.t().matmul(torch.linalg_solve(products.add(ridge), targets));
  }

  /** Mean queries of the earlier tasks that are replayed, each {@code [1, d]}. */
  private List<Tensor> earlierMeans() {
    List<Tensor> means = new ArrayList<>();
    if (reflection == null) {
      return means;
    }
    Tensor queries = network.query(reflection.pooled()).to(ScalarType.Double).cpu();
    for (int from = 0; from < taskOf.length; ) {
      int to = from;
      while (to < taskOf.length && taskOf[to] == taskOf[from]) {
        to++;
      }
      means.add(
          queries
              .narrow(0, from, to - from)
              .sum(0)
              .div(new Scalar((double) (to - from)))
              .unsqueeze(0));
      from = to;
    }
    return means;
  }
}
