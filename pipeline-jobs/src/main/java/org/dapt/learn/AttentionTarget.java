package org.dapt.learn;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.MicroBatches;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.ShardReader;
import org.dapt.gang.RankContext;
import org.dapt.method.Learner;
import org.dapt.tensor.Tensors;

/**
 * The reflection target of a task: the mean attention over the examples (not the batches) of its
 * dev split, right after it was learnt. Every rank measures its own shards; the sums meet in the
 * exchange.
 */
final class AttentionTarget {
  private static final int BATCH_TOKENS = 8192;

  private AttentionTarget() {}

  /**
   * The mean attention, one entry per task; empty for methods without one. Every rank must call it.
   */
  static List<Double> measure(
      Backbone backbone, Learner learner, PreparedTask data, RankContext context) {
    List<int[]> sources = new ArrayList<>();
    for (int shard = context.rank(); shard < data.shards(); shard += context.ranks()) {
      try (ShardReader reader = data.reader(Split.DEV, shard, Projection.TRAINING)) {
        reader.forEach(row -> sources.add(row.sourceIds()));
      }
    }
    try (NoGradGuard guard = new NoGradGuard();
        PointerScope scope = new PointerScope()) {
      int tasks = blocks(backbone, learner);
      if (tasks == 0) {
        return List.of();
      }
      double[] sums = new double[tasks + 1];
      for (List<int[]> batch :
          MicroBatches.byLength(sources, source -> source.length, BATCH_TOKENS)) {
        add(sums, backbone, learner, batch);
      }
      sums[tasks] = sources.size();
      Tensor shared = backbone.placement().host().of(ScalarType.Double, sums, sums.length);
      context.exchange().sum(shared);
      double[] total = Tensors.toDoubles(shared);
      List<Double> mean = new ArrayList<>();
      for (int i = 0; i < tasks; i++) {
        mean.add(total[i] / total[tasks]);
      }
      return mean;
    }
  }

  private static void add(double[] sums, Backbone backbone, Learner learner, List<int[]> batch) {
    try (PointerScope scope = new PointerScope()) {
      Tensor weights = learner.attentionWeights(backbone.source(batch)).to(ScalarType.Double);
      double[] total = Tensors.toDoubles(weights.sum(0));
      for (int i = 0; i < total.length; i++) {
        sums[i] += total[i];
      }
    }
  }

  /**
   * Number of blocks that the method mixes, 0 where it does not; a rank may have no dev example of
   * its own to ask.
   */
  private static int blocks(Backbone backbone, Learner learner) {
    try (PointerScope scope = new PointerScope()) {
      Tensor weights =
          learner.attentionWeights(backbone.source(List.of(new int[] {backbone.padToken()})));
      return weights == null ? 0 : (int) weights.size(1);
    }
  }
}
