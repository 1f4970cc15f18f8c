package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Tensors;

/**
 * The mean of the attention weights over the examples (not the batches) of a task's dev split,
 * right after it was learnt: what reflection keeps its inputs at.
 */
final class MeanAttention implements InputPass {
  private final Function<Source, Tensor> weights;
  private final int tasks;
  private List<Double> mean = List.of();

  /**
   * Of the attention's {@code weights}, {@code [batch, tasks]}.
   *
   * @param tasks how many blocks they weigh
   */
  MeanAttention(Function<Source, Tensor> weights, int tasks) {
    this.weights = weights;
    this.tasks = tasks;
  }

  /** One entry per task; empty before the pass. */
  List<Double> mean() {
    return mean;
  }

  @Override
  public Over over() {
    return Over.DEV;
  }

  /** The sum of the weights of each block, and the number of examples. */
  @Override
  public int entries() {
    return tasks + 1;
  }

  @Override
  public Tensor of(Source source, List<Example> examples) {
    Tensor sum = weights.apply(source).to(ScalarType.Double).sum(0);
    return Tensors.cat(
        List.of(sum, torch.full_like(sum.narrow(0, 0, 1), new Scalar((double) examples.size()))),
        0);
  }

  @Override
  public void take(Tensor sums) {
    double[] total = Tensors.toDoubles(sums);
    List<Double> means = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      means.add(total[i] / total[tasks]);
    }
    mean = List.copyOf(means);
  }
}
