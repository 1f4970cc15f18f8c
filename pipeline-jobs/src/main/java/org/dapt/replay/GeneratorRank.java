package org.dapt.replay;

import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.backbone.Backbone;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.Projection;
import org.dapt.data.shard.TokenisedExample;
import org.dapt.gang.RankContext;
import org.dapt.gang.RankFunction;
import org.dapt.loop.Checkpoints;
import org.dapt.loop.Kept;
import org.dapt.loop.Progress;
import org.dapt.loop.ShardData;
import org.dapt.method.Example;
import org.dapt.method.Learner;
import org.dapt.method.MethodContext;
import org.dapt.method.lora.SampleGenerator;
import org.dapt.models.Models;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.NamedTensors;
import org.dapt.tokenizer.TextTokenizer;
import org.dapt.train.TaskTraining;

/** One rank's part of training a task's generator; rank 0 returns it as a safetensors file. */
final class GeneratorRank implements RankFunction<byte[]> {
  private static final long serialVersionUID = 1L;

  private final GeneratorPlan plan;

  GeneratorRank(GeneratorPlan plan) {
    this.plan = plan;
  }

  @Override
  public void prepare(int rank) {
    Models.backbone(plan.model(), plan.hadoop().value());
  }

  @Override
  public byte[] run(RankContext context) throws Exception {
    Configuration hadoop = plan.hadoop().value();
    Backbone backbone = Models.backbone(plan.model(), hadoop);
    TextTokenizer tokenizer = Models.tokenizer(plan.model(), hadoop);
    PreparedTask data = PreparedTask.open(hadoop, new Path(plan.data()));
    String definition = data.manifest().definition();
    int[] prompt = tokenizer.encode(PseudoSample.PROMPT, plan.maxTokens()).ids();
    int end = backbone.endTokens().iterator().next();
    MethodContext methodContext = new MethodContext(backbone, plan.options(), plan.seed());
    try (PointerScope scope = new PointerScope();
        Learner learner = SampleGenerator.begin(methodContext, plan.task(), plan.dropout());
        Progress progress =
            new Progress("generator of " + plan.task(), plan.steps(), context.rank() == 0)) {
      ShardData examples =
          new ShardData(
              List.of(
                  new ShardData.Part(
                      data,
                      Projection.ALL,
                      row -> example(row, definition, prompt, tokenizer, end))),
              plan.seed(),
              plan.globalBatch(),
              context,
              Kept.NONE);
      new TaskTraining(backbone, learner, context.exchange(), examples)
          .run(
              plan.trainerOptions(),
              plan.steps(),
              null,
              new Checkpoints(plan.checkpoints(), hadoop, context, backbone.placement()),
              progress::stepTaken);
      return context.rank() == 0
          ? NamedTensors.write(
              learner.learnt().block(),
              Map.of("producer", TaskArtifacts.PRODUCER, "generator_of", plan.task()))
          : null;
    }
  }

  private Example example(
      TokenisedExample row, String definition, int[] prompt, TextTokenizer tokenizer, int end) {
    String instruction = row.instruction().isBlank() ? definition : row.instruction();
    String text = PseudoSample.text(instruction, row.input(), row.references().get(0));
    return new Example(
        row.id(), row.index(), prompt, tokenizer.encodeTarget(text, plan.maxTokens(), end).ids());
  }
}
