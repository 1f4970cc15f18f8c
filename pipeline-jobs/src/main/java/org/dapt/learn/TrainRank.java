package org.dapt.learn;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.error.TrainingException;
import org.dapt.gang.RankContext;
import org.dapt.gang.RankFunction;
import org.dapt.loop.Checkpoints;
import org.dapt.loop.TrainingLoop;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.models.Models;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.Digests;
import org.dapt.tensor.NativeRuntime;
import org.dapt.train.StepRecord;
import org.dapt.train.Trainer;

/** One rank's part of learning a task. */
final class TrainRank implements RankFunction<TrainResult> {
  private static final long serialVersionUID = 1L;

  private final TrainPlan plan;

  TrainRank(TrainPlan plan) {
    this.plan = plan;
  }

  @Override
  public TrainResult run(RankContext context) throws Exception {
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    ContinualMethod method = ContinualMethods.named(plan.method());
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> earlier = TaskArtifacts.readAll(hadoop, plan.learnt(), backbone.placement());
      boolean first = context.rank() == 0;
      String frozen = first && plan.verifyFrozen() ? frozenSha256(backbone, earlier) : "";
      PreparedTask data = PreparedTask.open(hadoop, new Path(plan.data()));
      MethodContext methodContext = new MethodContext(backbone, plan.methodOptions(), plan.seed());
      try (Learner learner = method.begin(methodContext, earlier, plan.task(), plan.replay());
          Trainer trainer =
              new Trainer(backbone, learner, context.exchange(), plan.trainerOptions())) {
        List<StepRecord> steps =
            new TrainingLoop(
                    "learning " + plan.task(),
                    plan.seed(),
                    plan.steps(),
                    plan.globalBatch(),
                    Projection.TRAINING,
                    TrainRank::example,
                    plan.feed())
                .run(
                    trainer,
                    data,
                    context,
                    new Checkpoints(plan.checkpoints(), hadoop, context, backbone.placement()));
        LearntTask learnt = learner.learnt();
        List<Double> target = AttentionTarget.measure(backbone, learner, data, context);
        if (!first) {
          return null;
        }
        if (plan.verifyFrozen() && !frozen.equals(frozenSha256(backbone, earlier))) {
          throw new TrainingException(
              "The frozen weights or an older block changed while task "
                  + plan.task()
                  + " was learnt; nothing was kept.");
        }
        return new TrainResult(
            TaskArtifacts.pack(learnt.withMeanAttention(target), plan.method()),
            steps,
            frozen,
            NativeRuntime.residentBytes());
      }
    }
  }

  private static Example example(TokenisedExample row) {
    return new Example("row " + row.index(), row.sourceIds(), row.targetIds());
  }

  /** Digest of everything that must not change: base weights, older blocks, older keys. */
  private static String frozenSha256(Backbone backbone, List<LearntTask> earlier) {
    MessageDigest digest = Digests.sha256();
    digest.update(backbone.sha256().getBytes(StandardCharsets.US_ASCII));
    earlier.forEach(task -> digest.update(task.sha256().getBytes(StandardCharsets.US_ASCII)));
    return HexFormat.of().formatHex(digest.digest());
  }
}
