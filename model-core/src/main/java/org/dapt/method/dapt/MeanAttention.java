package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.Predictor;
import org.dapt.tensor.Tensors;

/**
 * The mean of the attention weights over the examples (not the batches) of a task's dev split,
 * right after it was learnt: what reflection keeps its inputs at.
 */
final class MeanAttention implements InputPass {
  private final Predictor predictor;
  private final int tasks;
  private List<Double> mean = List.of();

  /**
   * Of {@code predictor}'s weights.
   *
   * @param tasks how many blocks it weighs
   */
  MeanAttention(Predictor predictor, int tasks) {
    this.predictor = predictor;
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
    Tensor weights = predictor.attentionWeights(source).to(ScalarType.Double).sum(0);
    return Tensors.cat(
        List.of(
            weights,
            torch.full_like(weights.narrow(0, 0, 1), new Scalar((double) examples.size()))),
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
