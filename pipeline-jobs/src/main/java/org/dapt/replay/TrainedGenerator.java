package org.dapt.replay;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.ReplaySettings;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.gang.Gang;
import org.dapt.job.JobContext;
import org.dapt.loop.TaskCheckpoints;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.method.lora.SampleGenerator;
import org.dapt.run.Lease;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TaskLayout;
import org.dapt.train.TrainerOptions;

/** Samples of a generator that is trained for them, a LoRA block of its own. */
record TrainedGenerator(JobContext context) {
  /**
   * The samples of {@code task}: trains its generator on a gang of ranks, then draws from it.
   *
   * @param pseudo the folder that the generator is kept in
   * @param inputs digests of what it is made from
   * @param lease of the folder
   */
  SampleHarvest harvest(PseudoFolder pseudo, Map<String, String> inputs, Lease lease, String task)
      throws IOException {
    PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
    GeneratorPlan plan = plan(pseudo, inputs, data, task);
    Gang gang = new Gang(context.sparkContext(), context.gang());
    byte[] generator = gang.run(new GeneratorRank(plan)).get(0);
    lease.check();
    AtomicFile.write(context.run().files(), new Path(plan.generator()), generator);
    SplitContent train = data.manifest().split(Split.TRAIN);
    SampleHarvest harvest =
        new SampleHarvest(
            context.config().reflection().samples(train.examples()),
            PseudoSample.MayLack.of(train, data.manifest().definition()));
    DrawSamples.fill(
        context.sparkContext(),
        DrawPlan.of(context, context.generatorOptions(), new Source(plan.generator())),
        List.of(new TaskHarvest(task, harvest)),
        context.config().replay().maxAttempts());
    return harvest;
  }

  private GeneratorPlan plan(
      PseudoFolder pseudo, Map<String, String> inputs, PreparedTask data, String task) {
    ReplaySettings replay = context.config().replay();
    return new GeneratorPlan(
        context.serializableHadoop(),
        context.model(),
        context.generatorOptions(),
        new TrainerOptions(
            replay.learningRate(),
            context.config().train().microBatchTokens(),
            context.config().train().maxGradientNorm(),
            context.config().train().verifyRanksEvery(),
            context.modelDropout("generator of " + task),
            context.config().train().recompute()),
        task,
        data.folder().toString(),
        new Path(pseudo.path(), TaskLayout.GENERATOR).toString(),
        context.config().run().seed(),
        replay.steps(),
        replay.globalBatch(),
        new TaskCheckpoints(context).plan(pseudo.path(), inputs),
        replay.dropout(),
        replay.maxTokens());
  }

  /**
   * A trained generator.
   *
   * @param file of its block
   */
  private record Source(String file) implements SampleSource {
    @Override
    public String request(String task) {
      return PseudoSample.PROMPT;
    }

    @Override
    public Predictor open(MethodContext context, Configuration hadoop, String task)
        throws IOException {
      return SampleGenerator.restore(
          context,
          TaskArtifacts.readBlock(hadoop, new Path(file), task, context.backbone().placement()));
    }

    @Override
    public List<String> key(String task) {
      return List.of("pseudo-sample", task);
    }
  }
}
