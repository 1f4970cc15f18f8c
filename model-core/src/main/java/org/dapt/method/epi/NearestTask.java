package org.dapt.method.epi;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.tensor.Decompositions;
import org.dapt.tensor.Decompositions.Columns;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * The choice of a task by the Mahalanobis distance of an input's features to the tasks' class
 * means.
 *
 * @param whitening W {@code [d, k]} in float64: a squared distance is {@code ‖Wᵀ (f − μ)‖²}, and W
 *     Wᵀ the pseudo-inverse of the tasks' mean covariance
 * @param centres of every task Wᵀ μ of its classes, {@code [classes, k]}
 */
record NearestTask(Tensor whitening, List<Tensor> centres) implements AutoCloseable {
  /**
   * The choice among {@code tasks}.
   *
   * @param cutoff eigenvalues up to so many times the largest count as 0
   * @param ridge so many times the mean eigenvalue is added to each before that
   */
  static NearestTask of(List<TaskFeatures> tasks, double cutoff, double ridge) {
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor shared =
          tasks.stream()
              .map(task -> task.covariance().to(ScalarType.Double))
              .reduce(Tensor::add)
              .orElseThrow()
              .div(new Scalar((double) tasks.size()));
      Columns decomposed = Decompositions.eigen(shared);
      Tensor values = decomposed.values();
      values = values.add(values.mean().mul(new Scalar(ridge)));
      Tensor kept = values.gt(values.max().mul(new Scalar(cutoff))).logical_and(values.gt(zero()));
      Tensor factors = torch.where(kept, values, torch.ones_like(values)).rsqrt().mul(kept);
      // Where no task has a covariance the nearest mean is what there is to choose by.
      boolean none = kept.count_nonzero().item_long() == 0;
      Tensor whitening =
          Scopes.keep(
              none ? torch.diag(torch.ones_like(values)) : decomposed.vectors().mul(factors));
      List<Tensor> centres = new ArrayList<>();
      for (TaskFeatures task : tasks) {
        centres.add(Scopes.keep(task.means().to(ScalarType.Double).matmul(whitening)));
      }
      return new NearestTask(whitening, centres);
    }
  }

  private static Scalar zero() {
    return new Scalar(0.0);
  }

  /** The weights of the blocks for inputs: 1 for the nearest task, {@code [batch, tasks]}. */
  Tensor weights(Backbone backbone, Source source) {
    return Scopes.inScope(
        () -> {
          Tensor nearest = distances(backbone.meanState(source)).argmin(new LongOptional(1), false);
          return torch.one_hot(nearest, centres.size()).to(backbone.placement().learnt());
        });
  }

  /** Squared distances to the nearest class of each task: {@code [batch, d] → [batch, tasks]}. */
  Tensor distances(Tensor features) {
    Tensor own = features.matmul(whitening).unsqueeze(1);
    List<Tensor> distances = new ArrayList<>();
    for (Tensor classes : centres) {
      distances.add(
          own.sub(classes.unsqueeze(0)).square().sum(2).amin(new long[] {1}, false).unsqueeze(1));
    }
    return Tensors.cat(distances, 1);
  }

  @Override
  public void close() {
    Scopes.release(whitening);
    centres.forEach(Scopes::release);
  }
}
