package org.dapt.method.pfd;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.lora.OwnBlockLearner;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;
import org.dapt.tensor.Tensors;

/**
 * A task being learnt by {@link Pfd}: its block alone, with the weight 1. The mean features of its
 * inputs are known before the first step; from then on its inputs, on dev say, are answered as they
 * will be when it is learnt.
 */
final class PfdLearner extends OwnBlockLearner {
  private final InputFeatures features;

  /** Both null before the pass. */
  private Tensor means;

  private Routing routing;

  PfdLearner(MethodContext context, List<LearntTask> older, String task, LoraBlock start) {
    super(context, older, task, start);
    features = InputFeatures.of(context);
  }

  @Override
  public InputPass beforeTraining() {
    return new InputPass() {
      @Override
      public Over over() {
        return Over.TRAINING;
      }

      @Override
      public int entries() {
        return 1 + features.width();
      }

      @Override
      public Tensor of(Source source, List<Example> examples) {
        Placement placement = context().backbone().placement();
        Tensor count = placement.of(ScalarType.Double, new double[] {examples.size()}, 1);
        return Tensors.cat(List.of(count, features.of(source).sum(0)), 0);
      }

      @Override
      public void take(Tensor sums) {
        setMeans(sums);
      }
    };
  }

  /** In the precision in which they are kept: what is stored chooses alike. */
  private void setMeans(Tensor sums) {
    releaseMeans();
    Placement placement = context().backbone().placement();
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      Tensor mean = sums.narrow(0, 1, features.width()).div(sums.narrow(0, 0, 1));
      means = Scopes.keep(placement.placed(mean).to(placement.learnt()).clone());
    }
  }

  /** Null before the pass. */
  private Routing routing() {
    if (routing == null && means != null) {
      List<TaskMeans> tasks = new ArrayList<>();
      older().forEach(task -> tasks.add(TaskMeans.of(task, features.routed())));
      tasks.add(TaskMeans.of(means, features.routed()));
      routing = new Routing(features, tasks, context().own(Pfd.Options::read));
    }
    return routing;
  }

  @Override
  public Tensor attentionWeights(Source source) {
    return routing() == null ? ownBlock(source) : routing().mean(source);
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return routing() == null
        ? super.adapt(source, weights == null ? attentionWeights(source) : weights)
        : mix(routing().weights(source, weights));
  }

  @Override
  public LearntTask learnt() {
    return means == null
        ? super.learnt()
        : learntWith(TaskMeans.of(means, features.routed()).tensors());
  }

  private void releaseMeans() {
    if (routing != null) {
      routing.close();
      routing = null;
    }
    Scopes.release(means);
    means = null;
  }

  @Override
  public void close() {
    releaseMeans();
    super.close();
  }
}
