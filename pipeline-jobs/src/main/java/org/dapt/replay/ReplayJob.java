package org.dapt.replay;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.ReplaySettings;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.TaskManifest.SplitContent;
import org.dapt.error.InputException;
import org.dapt.gang.Gang;
import org.dapt.gang.GangOptions;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.Outcome;
import org.dapt.loop.TaskCheckpoints;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskLayout;
import org.dapt.terminal.SpentTime;
import org.dapt.train.TrainerOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes up inputs of a task that was learnt, for later tasks to reflect on: trains the task's
 * generator on a gang of ranks, then draws samples from it all over the cluster.
 */
public final class ReplayJob {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayJob.class);

  /** Samples that are drawn together; fixed, for the rounding of a batch is its own. */
  private static final int BATCH = 16;

  private final JobContext context;

  public ReplayJob(JobContext context) {
    this.context = context;
  }

  /**
   * Makes the pseudo samples of the last of {@code tasks}, unless that is done. Tasks of methods
   * that do not reflect need none.
   *
   * @param tasks the tasks learnt so far, the oldest first
   */
  public Outcome run(List<String> tasks) throws IOException {
    int number = tasks.size();
    String task = tasks.get(number - 1);
    LearntFolder learnt = context.folders(tasks, number).get(number - 1);
    Path learntFolder = new Path(learnt.folder());
    if (!context.run().marker(learntFolder).isDone()) {
      throw new InputException(
          "Task %s is not learnt yet: pseudo samples are made of learnt tasks. Run dapt train %s first."
              .formatted(task, task));
    }
    Optional<Outcome> before = outcome(context.config(), context.run(), tasks);
    if (before.filter(Outcome.NOT_NEEDED::equals).isPresent()) {
      LOG.info(
          "Task {} gets no pseudo samples: method {} does not reflect",
          task,
          context.config().method().name());
      return Outcome.NOT_NEEDED;
    }
    if (before.isPresent()) {
      LOG.info("The pseudo samples of task {} ({}) are there already", number, task);
      return Outcome.SKIPPED;
    }
    PseudoFolder pseudo = new PseudoFolder(context, number, task);
    Marker marker = pseudo.marker();
    Map<String, String> inputs = context.digests(List.of(learnt));
    try (Lease lease = JobLease.of(context, pseudo.path())) {
      long start = System.nanoTime();
      PreparedTask data = PreparedTask.open(context.hadoop(), context.run().data(task));
      GeneratorPlan plan = plan(pseudo, inputs, data, task);
      GangOptions gang = context.gang();
      byte[] generator = new Gang(context.sparkContext(), gang).run(new GeneratorRank(plan)).get(0);
      lease.check();
      AtomicFile.write(context.run().files(), new Path(plan.generator()), generator);
      SampleHarvest harvest = harvest(plan, data);
      lease.check();
      pseudo.write(harvest);
      marker.write(context.config().hash(), inputs, PseudoFolder.summary(harvest));
      new TaskCheckpoints(context).delete(pseudo.path());
      log(task, harvest, (System.nanoTime() - start) / 1e9);
      return Outcome.DONE;
    }
  }

  /**
   * What {@link #run} would return without having done anything; empty where it would work.
   *
   * @param tasks learnt tasks, the oldest first
   */
  public static Optional<Outcome> outcome(DaptConfig config, RunDirectory run, List<String> tasks)
      throws IOException {
    int number = tasks.size();
    List<LearntFolder> learnt = LearntFolder.of(run, tasks).subList(number - 1, number);
    if (!ContinualMethods.named(config.method().name()).has(Trait.REFLECTS)) {
      return Optional.of(Outcome.NOT_NEEDED);
    }
    return run.marker(run.pseudo(number, tasks.get(number - 1)))
            .matches(config.hash(), JobContext.digests(run, learnt))
        ? Optional.of(Outcome.SKIPPED)
        : Optional.empty();
  }

  private SampleHarvest harvest(GeneratorPlan plan, PreparedTask data) {
    SplitContent train = data.manifest().split(Split.TRAIN);
    SampleHarvest harvest =
        new SampleHarvest(
            context.config().reflection().samples(train.examples()),
            PseudoSample.MayLack.of(train, data.manifest().definition()));
    for (int attempt = 1; attempt <= context.config().replay().maxAttempts(); attempt++) {
      List<Integer> missing = harvest.missing();
      if (missing.isEmpty()) {
        break;
      }
      List<List<Integer>> batches = batches(missing);
      List<String> texts =
          context
              .sparkContext()
              .parallelize(batches, batches.size())
              .mapPartitions(new DrawSamples(plan, attempt))
              .collect();
      for (int i = 0; i < missing.size(); i++) {
        harvest.add(missing.get(i), attempt, texts.get(i));
      }
    }
    return harvest;
  }

  private static List<List<Integer>> batches(List<Integer> samples) {
    List<List<Integer>> batches = new ArrayList<>();
    for (int from = 0; from < samples.size(); from += BATCH) {
      batches.add(new ArrayList<>(samples.subList(from, Math.min(from + BATCH, samples.size()))));
    }
    return batches;
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
        replay.topK(),
        replay.repetitionPenalty(),
        replay.maxTokens());
  }

  private static void log(String task, SampleHarvest harvest, double seconds) {
    LOG.info(
        "Made {} of {} pseudo samples of task {} in {}: {} drawn, {} malformed, {} empty, {}"
            + " repeated",
        harvest.kept().size(),
        harvest.wanted(),
        task,
        SpentTime.text(seconds),
        harvest.drawn(),
        harvest.malformed(),
        harvest.empty(),
        harvest.repeated());
    if (harvest.kept().size() < harvest.wanted()) {
      LOG.warn(
          "Task {} has only {} of {} pseudo samples{}. Raise replay.steps or replay.max-attempts,"
              + " or lower replay.repetition-penalty, in another run. A malformed one: {}",
          task,
          harvest.kept().size(),
          harvest.wanted(),
          harvest.kept().isEmpty() ? "; later tasks do not reflect on it" : "",
          harvest.spoilt());
    }
  }
}
