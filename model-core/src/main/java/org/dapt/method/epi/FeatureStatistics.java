package org.dapt.method.epi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The features of a task's training inputs, by two passes in float64: the means of its classes,
 * then the mean of their covariances around these, each with the divisor n − 1. The features are
 * the frozen model's, so the passes may be made before the task is learnt.
 *
 * <p>A class of a single example has no covariance and is left out of their mean; where no class
 * has two, the covariance is 0.
 */
final class FeatureStatistics implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FeatureStatistics.class);

  private final String task;
  private final int width;
  private final Placement placement;
  private final Function<Source, Tensor> features;
  private final int classes;
  private final AnswerClasses answers;
  private double[] counts;

  /** {@code [classes, d]}; null before the first pass. */
  private Tensor means;

  /** {@code [d, d]}; null before the second pass. */
  private Tensor covariance;

  /**
   * Of inputs of {@code task} as {@code backbone} sees them.
   *
   * @param classes most classes
   */
  FeatureStatistics(Backbone backbone, String task, int classes) {
    this(task, backbone.width(), backbone.placement(), backbone::meanState, classes);
  }

  /**
   * Of any features.
   *
   * @param task whose inputs they are of
   * @param width d
   * @param placement where they lie
   * @param features makes those of inputs, {@code [batch, d]} in float64
   */
  FeatureStatistics(
      String task, int width, Placement placement, Function<Source, Tensor> features, int classes) {
    this.task = task;
    this.width = width;
    this.placement = placement;
    this.features = features;
    this.classes = classes;
    answers = new AnswerClasses(classes, placement);
  }

  /** All passes: over the classes, where there are several, the means, the covariance. */
  List<InputPass> passes() {
    List<InputPass> passes = new ArrayList<>(answers.before());
    passes.add(first());
    passes.add(second());
    return passes;
  }

  /** The first pass. */
  Sums first() {
    return new Sums(classes * (1 + width)) {
      @Override
      Tensor add(Tensor features, int[] classOf) {
        Tensor one = placement.ones(ScalarType.Double, classOf.length, 1);
        Tensor of = indices(classOf);
        Tensor counted = placement.zeros(ScalarType.Double, classes, 1).index_add(0, of, one);
        Tensor summed =
            placement.zeros(ScalarType.Double, classes, width).index_add(0, of, features);
        return Tensors.cat(List.of(counted.reshape(-1), summed.reshape(-1)), 0);
      }

      @Override
      public void take(Tensor sums) {
        setMeans(sums);
      }
    };
  }

  /** The second pass. */
  Sums second() {
    return new Sums(width * width) {
      @Override
      Tensor add(Tensor features, int[] classOf) {
        return scatter(features, classOf).reshape(-1);
      }

      @Override
      public void take(Tensor sums) {
        Scopes.release(covariance);
        covariance = placed(sums.reshape(width, width));
        if (Arrays.stream(counts).noneMatch(count -> count > 1)) {
          LOG.warn(
              "Task {}: {}, so that nothing is known of how its inputs differ from each other. Give it more examples{}",
              task,
              classes == 1 ? "it has a single example" : "no class of its answers has two examples",
              classes == 1 ? "" : ", or lower method.options.classes");
        }
      }
    };
  }

  /** Both results; null before the second pass. The tensors belong to this. */
  TaskFeatures features() {
    if (covariance == null) {
      return null;
    }
    long[] seen = LongStream.range(0, classes).filter(c -> counts[(int) c] > 0).toArray();
    return new TaskFeatures(means.index_select(0, placement.indices(seen)), covariance);
  }

  private void setMeans(Tensor sums) {
    Scopes.release(means);
    try (PointerScope scope = new PointerScope()) {
      Tensor count = sums.narrow(0, 0, classes);
      counts = Tensors.toDoubles(count);
      Tensor divisor = count.clamp_min(new Scalar(1.0)).unsqueeze(1);
      means =
          placed(
              sums.narrow(0, classes, (long) classes * width).reshape(classes, width).div(divisor));
    }
  }

  /** Σ (f − μ)(f − μ)ᵀ / ((n − 1) · classes with two examples) over the examples' own classes. */
  private Tensor scatter(Tensor features, int[] classOf) {
    long large = Arrays.stream(counts).filter(count -> count > 1).count();
    double[] factors = new double[classOf.length];
    for (int i = 0; i < classOf.length; i++) {
      double count = counts[classOf[i]];
      factors[i] = count > 1 ? 1 / ((count - 1) * large) : 0;
    }
    Tensor away = features.sub(means.index_select(0, indices(classOf)));
    Tensor weighted = away.mul(placement.of(ScalarType.Double, factors, factors.length, 1));
    return weighted.t().matmul(away);
  }

  private Tensor indices(int[] classOf) {
    return placement.indices(Arrays.stream(classOf).asLongStream().toArray());
  }

  /** A copy on the model's device that outlives the open scopes. */
  private Tensor placed(Tensor tensor) {
    return Scopes.keep(placement.placed(tensor).clone());
  }

  @Override
  public void close() {
    Scopes.release(means);
    Scopes.release(covariance);
  }

  /** A pass over the training inputs' features. */
  abstract class Sums implements InputPass {
    private final int entries;

    Sums(int entries) {
      this.entries = entries;
    }

    @Override
    public Over over() {
      return Over.TRAINING;
    }

    @Override
    public int entries() {
      return entries;
    }

    @Override
    public Tensor of(Source source, List<Example> examples) {
      return add(features.apply(source), examples.stream().mapToInt(answers::of).toArray());
    }

    /** What features {@code [examples, d]} of these classes add. */
    abstract Tensor add(Tensor features, int[] classOf);
  }
}
