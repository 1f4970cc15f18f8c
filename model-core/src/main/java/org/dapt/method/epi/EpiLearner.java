package org.dapt.method.epi;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Source;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Passes;
import org.dapt.method.lora.OwnBlockLearner;
import org.dapt.pet.LoraBlock;

/**
 * A task being learnt by {@link Epi}: its block alone. The features of its inputs are known before
 * the first step; from then on its inputs, on dev say, are answered as they will be when it is
 * learnt.
 */
final class EpiLearner extends OwnBlockLearner {
  private final FeatureStatistics statistics;

  /** Null as long as it is not asked for. */
  private NearestTask nearest;

  EpiLearner(MethodContext context, List<LearntTask> older, String task, LoraBlock start) {
    super(context, older, task, start);
    statistics =
        new FeatureStatistics(context.backbone(), task, context.own(Epi.Options::read).classes());
  }

  @Override
  public InputPass beforeTraining() {
    return Passes.inTurn(statistics.passes());
  }

  @Override
  public Tensor attentionWeights(Source source) {
    NearestTask chosen = nearest();
    return chosen == null ? ownBlock(source) : chosen.weights(context().backbone(), source);
  }

  /**
   * The choice among all tasks, with features in the precision in which they are kept: what is
   * stored chooses alike. Null before the passes.
   */
  NearestTask nearest() {
    TaskFeatures features = nearest == null ? statistics.features() : null;
    if (features != null) {
      long width = context().backbone().width();
      List<TaskFeatures> tasks = new ArrayList<>();
      older().forEach(task -> tasks.add(TaskFeatures.of(task, width)));
      tasks.add(features.in(context().backbone().placement().learnt()));
      nearest = Epi.nearest(context(), tasks);
    }
    return nearest;
  }

  @Override
  public LearntTask learnt() {
    TaskFeatures features = statistics.features();
    return features == null ? super.learnt() : learntWith(features.tensors());
  }

  @Override
  public void close() {
    if (nearest != null) {
      nearest.close();
    }
    statistics.close();
    super.close();
  }
}
