package org.dapt.method.epi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.InputPass;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.lora.LoraLearner;
import org.dapt.method.lora.LoraOptions;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * A task being learnt by {@link Epi}: its block alone. Inputs are answered with that block until
 * the features of the task are known, and with the nearest task's from then on.
 */
final class EpiLearner extends LoraLearner {
  private final MethodContext context;
  private final List<LearntTask> older;
  private final LoraBank alone;
  private final FeatureStatistics statistics;

  /** Null as long as the features are not known. */
  private NearestTask nearest;

  EpiLearner(MethodContext context, List<LearntTask> older, String task, LoraBlock start) {
    super(context, older, task, start);
    this.context = context;
    this.older = List.copyOf(older);
    alone =
        new LoraBank(
            context.backbone().placement(),
            context.adapted(),
            List.of(),
            LoraBlock.of(parameters().tensors()),
            LoraOptions.of(context).scale());
    statistics =
        new FeatureStatistics(context.backbone(), context.own(Epi.Options::read).classes());
  }

  @Override
  public InputPass beforeTraining() {
    return statistics.before();
  }

  @Override
  public Adaptation adaptForTraining(Source source, List<Example> examples, long step) {
    Placement placement = context.backbone().placement();
    return alone.mix(placement.ones(placement.learnt(), source.size(), 1));
  }

  @Override
  public InputPass afterTraining() {
    return statistics.second();
  }

  @Override
  public Tensor attentionWeights(Source source) {
    if (nearest == null && statistics.features() != null) {
      List<TaskFeatures> tasks = new ArrayList<>();
      older.forEach(task -> tasks.add(TaskFeatures.of(task, context.backbone().width())));
      tasks.add(statistics.features());
      nearest = Epi.nearest(context, tasks);
    }
    if (nearest != null) {
      return nearest.weights(context.backbone(), source);
    }
    Placement placement = context.backbone().placement();
    Tensor weights = placement.zeros(placement.learnt(), source.size(), older.size() + 1);
    weights.select(1, older.size()).fill_(new Scalar(1.0));
    return weights;
  }

  @Override
  public LearntTask learnt() {
    LearntTask plain = super.learnt();
    TaskFeatures features = statistics.features();
    if (features == null) {
      return plain;
    }
    Map<String, Tensor> kept = new TreeMap<>();
    try (NoGradGuard guard = new NoGradGuard()) {
      features
          .tensors()
          .forEach(
              (name, tensor) ->
                  kept.put(
                      name,
                      Scopes.inScope(
                          () -> tensor.to(context.backbone().placement().learnt()).clone())));
    }
    return new LearntTask(plain.task(), plain.block(), kept, plain.meanAttention());
  }

  @Override
  public void close() {
    if (nearest != null) {
      nearest.close();
    }
    statistics.close();
    alone.close();
    super.close();
  }
}
