package org.dapt.method.pfd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Projection;
import org.dapt.backbone.Source;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * The choice of blocks in every layer. The weights of the last inputs are kept: whoever asks for
 * their mean goes on to adapt to the same inputs.
 */
final class Routing implements AutoCloseable {
  /** Weights that differ by more are others; rounding of float32 is far below. */
  private static final double OTHER = 1e-5;

  private final InputFeatures features;
  private final Pfd.Options options;

  /** By routed projection, {@code [tasks, out]} in float64. */
  private final Map<String, Tensor> means = new LinkedHashMap<>();

  /** Null before the first ones. */
  private Source last;

  /** By routed projection, {@code [batch, tasks]}, of {@link #last}. */
  private final Map<String, Tensor> lastWeights = new LinkedHashMap<>();

  /**
   * @param tasks at least one, the oldest first
   */
  Routing(InputFeatures features, List<TaskMeans> tasks, Pfd.Options options) {
    this.features = features;
    this.options = options;
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      for (Projection projection : features.routed()) {
        List<Tensor> rows = new ArrayList<>();
        tasks.forEach(task -> rows.add(task.means().get(projection.name()).unsqueeze(0)));
        means.put(
            projection.name(), Scopes.keep(Tensors.cat(rows, 0).to(ScalarType.Double).clone()));
      }
    }
  }

  /** The mean weights of the routed layers, {@code [batch, tasks]}. */
  Tensor mean(Source source) {
    return Scopes.inScope(
        () -> {
          route(source);
          return meanOfLast();
        });
  }

  /**
   * The weights in every adapted projection. An input whose {@code given} weights are not its own
   * {@link #mean} has these everywhere: that is how a block is asked for alone.
   *
   * @param given {@code [batch, tasks]}; null for the inputs' own
   */
  Map<String, Tensor> weights(Source source, Tensor given) {
    route(source);
    Map<String, Tensor> own = new LinkedHashMap<>();
    Tensor other =
        given == null
            ? null
            : given.sub(meanOfLast()).abs().amax(new long[] {1}, true).gt(new Scalar(OTHER));
    lastWeights.forEach(
        (name, weights) ->
            // A copy: the kept ones go with the next inputs.
            own.put(name, other == null ? weights.clone() : torch.where(other, given, weights)));
    Map<String, Tensor> all = new LinkedHashMap<>();
    features.routes().forEach((name, route) -> all.put(name, own.get(route.name())));
    return all;
  }

  private void route(Source source) {
    if (isLast(source)) {
      return;
    }
    forget();
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Placement placement = features.backbone().placement();
      Tensor all = features.of(source);
      long from = 0;
      for (Projection projection : features.routed()) {
        Tensor weights = weights(all.narrow(1, from, projection.out()), projection.name());
        lastWeights.put(projection.name(), Scopes.keep(weights.to(placement.learnt()).clone()));
        from += projection.out();
      }
    }
    last = source;
  }

  /**
   * The weights in one projection.
   *
   * @param feature {@code [batch, out]} in float64
   * @return {@code [batch, tasks]} in float64
   */
  Tensor weights(Tensor feature, String projection) {
    Tensor tasks = means.get(projection);
    Tensor near =
        switch (options.distance()) {
          case L2 -> feature.unsqueeze(1).sub(tasks.unsqueeze(0)).square().sum(2).sqrt().neg();
          case DOT -> feature.matmul(tasks.t()).div(new Scalar(Math.sqrt((double) tasks.size(1))));
        };
    return near.div(new Scalar(options.temperature()))
        .masked_fill(kept(near).logical_not(), new Scalar(Double.NEGATIVE_INFINITY))
        .softmax(1);
  }

  /** Whether a task is one of the k nearest, of equally near ones the oldest. */
  private Tensor kept(Tensor near) {
    long tasks = near.size(1);
    Tensor row = near.unsqueeze(2);
    Tensor column = near.unsqueeze(1);
    Tensor numbers = features.backbone().placement().upTo(tasks);
    Tensor older = numbers.unsqueeze(0).lt(numbers.unsqueeze(1)).unsqueeze(0);
    Tensor before = column.gt(row).logical_or(column.eq(row).logical_and(older));
    return before.sum(2).lt(new Scalar((long) options.k()));
  }

  private Tensor meanOfLast() {
    List<Tensor> all = new ArrayList<>();
    lastWeights.values().forEach(weights -> all.add(weights.unsqueeze(0)));
    return Tensors.cat(all, 0).mean(0);
  }

  /** To compare the tokens of two batches would be work for a copy that nobody makes. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isLast(Source source) {
    return source == last;
  }

  private void forget() {
    last = null;
    lastWeights.values().forEach(Scopes::release);
    lastWeights.clear();
  }

  @Override
  public void close() {
    forget();
    means.values().forEach(Scopes::release);
    means.clear();
  }
}
