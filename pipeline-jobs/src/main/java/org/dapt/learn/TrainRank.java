package org.dapt.learn;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.data.shard.PreparedTask;
import org.dapt.digest.Sha256;
import org.dapt.error.TrainingException;
import org.dapt.gang.RankContext;
import org.dapt.gang.RankFunction;
import org.dapt.loop.Checkpoints;
import org.dapt.loop.Progress;
import org.dapt.loop.ShardData;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Recollection;
import org.dapt.models.Models;
import org.dapt.replay.RecollectedTexts;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.Device;
import org.dapt.tensor.DeviceMemory;
import org.dapt.tensor.NativeRuntime;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.train.DevScore;
import org.dapt.train.DevSelection;
import org.dapt.train.TakenSteps;
import org.dapt.train.TaskTraining;

/** One rank's part of learning a task. */
final class TrainRank implements RankFunction<TrainResult> {
  private static final long serialVersionUID = 1L;

  private final TrainPlan plan;

  /** Digest of what must not change, as it was before the training; null where none is taken. */
  private transient String frozen;

  TrainRank(TrainPlan plan) {
    this.plan = plan;
  }

  /**
   * Loads the model and digests what must not change: of a large model both take longer than ranks
   * wait for each other.
   */
  @Override
  public void prepare(int rank) {
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    if (rank == 0 && plan.verifyFrozen()) {
      try (PointerScope scope = new PointerScope()) {
        frozen =
            frozenSha256(
                backbone, TaskArtifacts.readAll(hadoop, plan.learnt(), backbone.placement()));
      }
    }
  }

  @Override
  public TrainResult run(RankContext context) throws Exception {
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    ContinualMethod method = ContinualMethods.named(plan.method());
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> earlier = TaskArtifacts.readAll(hadoop, plan.learnt(), backbone.placement());
      boolean first = context.rank() == 0;
      MethodContext methodContext =
          new MethodContext(backbone, plan.methodOptions(), plan.seed(), plan.tasks());
      try (Learner learner = method.begin(methodContext, earlier, plan.task(), plan.replay());
          Progress progress = new Progress("learning " + plan.task(), plan.steps(), first)) {
        TakenSteps taken =
            new TaskTraining(backbone, learner, context.exchange(), data(context))
                .run(
                    plan.trainerOptions(),
                    plan.steps(),
                    selection(context, backbone),
                    new Checkpoints(plan.checkpoints(), hadoop, context, backbone.placement()),
                    step -> {
                      plan.feed().add(step);
                      progress.stepTaken(step);
                    });
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
            TaskArtifacts.pack(learner.learnt(), plan.method()),
            taken.records(),
            taken.choice(),
            frozen == null ? "" : frozen,
            NativeRuntime.residentBytes(),
            NativeRuntime.peakResidentBytes(),
            deviceBytes(backbone.placement().device()),
            learner.parameters().size());
      }
    }
  }

  private static long deviceBytes(Device device) {
    DeviceMemory.Peak peak = device.isCpu() ? null : DeviceMemory.peak(device);
    return peak == null ? 0 : peak.allocated();
  }

  /** Null where the last parameters are kept. */
  private DevSelection selection(RankContext context, Backbone backbone) throws IOException {
    if (plan.dev() == null) {
      return null;
    }
    TextTokenizer tokenizer = Models.tokenizer(plan.model(), plan.hadoop().value());
    List<DevScore> scores = new ArrayList<>();
    for (PreparedTask data : prepared()) {
      scores.add(new DevAnswers(plan.dev(), data, plan.seed(), backbone, tokenizer, context));
    }
    // All ranks add them up in one order, and so come to one choice.
    return new DevSelection(
        plan.dev().every(),
        plan.dev().patience(),
        (learner, step) -> {
          double sum = 0;
          for (DevScore score : scores) {
            sum += score.of(learner, step);
          }
          return sum / scores.size();
        });
  }

  private List<PreparedTask> prepared() throws IOException {
    List<PreparedTask> prepared = new ArrayList<>();
    for (String folder : plan.data()) {
      prepared.add(PreparedTask.open(plan.hadoop().value(), new Path(folder)));
    }
    return prepared;
  }

  private ShardData data(RankContext context) throws IOException {
    Recollection recollection =
        ContinualMethods.named(plan.method()).recollection(plan.methodOptions());
    RecollectedTexts texts =
        recollection == null
            ? null
            : new RecollectedTexts(
                recollection,
                Models.tokenizer(plan.model(), plan.hadoop().value()),
                plan.recollectionTokens());
    List<ShardData.Part> parts = new ArrayList<>();
    for (PreparedTask data : prepared()) {
      Targets targets = Targets.of(plan.reference(), data, plan.seed(), plan.model());
      // Messages name examples, and several tasks may have one of the same name.
      String prefix = plan.data().size() == 1 ? "" : data.manifest().task() + "/";
      parts.add(new TaskExamples(targets, texts, prefix).part());
    }
    return new ShardData(parts, plan.seed(), plan.globalBatch(), context, plan.kept());
  }

  /** Digest of everything that must not change: base weights, older blocks, older keys. */
  private static String frozenSha256(Backbone backbone, List<LearntTask> earlier) {
    MessageDigest digest = Sha256.start();
    digest.update(backbone.sha256().getBytes(StandardCharsets.US_ASCII));
    earlier.forEach(task -> digest.update(task.sha256().getBytes(StandardCharsets.US_ASCII)));
    return Sha256.hex(digest);
  }
}
