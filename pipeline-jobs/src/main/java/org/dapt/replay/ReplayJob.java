package org.dapt.replay;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.error.InputException;
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
import org.dapt.run.TrainingSummary;
import org.dapt.terminal.SpentTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes up samples of learnt tasks, for later tasks to reflect on or to learn again: those of a
 * task from a generator that is trained for it, or where a method makes them up by itself those of
 * all tasks so far.
 */
public final class ReplayJob {
  private static final Logger LOG = LoggerFactory.getLogger(ReplayJob.class);

  private final JobContext context;

  public ReplayJob(JobContext context) {
    this.context = context;
  }

  /**
   * Makes the pseudo samples after the last of {@code tasks}, unless that is done. Methods that do
   * not reflect need none, but for those that make them up by themselves.
   *
   * @param tasks the tasks learnt so far, the oldest first
   */
  public Outcome run(List<String> tasks) throws IOException {
    int number = tasks.size();
    String task = tasks.get(number - 1);
    List<LearntFolder> learnt = context.folders(tasks, number);
    Path learntFolder = new Path(learnt.get(number - 1).folder());
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
      return skipped(number, task);
    }
    PseudoFolder pseudo = new PseudoFolder(context, number, task);
    Marker marker = pseudo.marker();
    try (Lease lease = JobLease.of(context, pseudo.path())) {
      // Whoever had the lease until now may have made them.
      if (outcome(context.config(), context.run(), tasks).isPresent()) {
        return skipped(number, task);
      }
      Map<String, String> inputs = inputs(context.config(), context.run(), tasks);
      long start = System.nanoTime();
      List<TaskHarvest> harvests;
      Map<String, Object> summary;
      boolean byItself = byItself(context.config());
      if (byItself) {
        harvests = new RecollectedSamples(context).harvest(learnt);
        summary = PseudoFolder.summary(harvests);
      } else {
        SampleHarvest harvest = new TrainedGenerator(context).harvest(pseudo, inputs, lease, task);
        harvests = List.of(new TaskHarvest(task, harvest));
        summary = PseudoFolder.summary(harvest);
      }
      lease.check();
      pseudo.write(harvests);
      double seconds = (System.nanoTime() - start) / 1e9;
      summary = new LinkedHashMap<>(summary);
      summary.put(TrainingSummary.SECONDS, seconds);
      marker.write(context.config().hash(), inputs, summary);
      new TaskCheckpoints(context).delete(pseudo.path());
      for (TaskHarvest of : harvests) {
        log(of.task(), of.harvest(), byItself, seconds);
      }
      return Outcome.DONE;
    }
  }

  private static Outcome skipped(int number, String task) {
    LOG.info("The pseudo samples of task {} ({}) are there already", number, task);
    return Outcome.SKIPPED;
  }

  /**
   * What {@link #run} would return without having done anything; empty where it would work.
   *
   * @param tasks learnt tasks, the oldest first
   */
  public static Optional<Outcome> outcome(DaptConfig config, RunDirectory run, List<String> tasks)
      throws IOException {
    int number = tasks.size();
    if (!byItself(config) && !ContinualMethods.named(config.method().name()).has(Trait.REFLECTS)) {
      return Optional.of(Outcome.NOT_NEEDED);
    }
    return run.marker(run.pseudo(number, tasks.get(number - 1)))
            .matches(config.hash(), inputs(config, run, tasks))
        ? Optional.of(Outcome.SKIPPED)
        : Optional.empty();
  }

  private static boolean byItself(DaptConfig config) {
    return JobContext.recollection(config) != null;
  }

  /**
   * The digests of what samples are made from after {@code tasks}: the last task alone, or all that
   * the method has learnt. A generator has nothing to do with what chooses among blocks.
   */
  public static Map<String, String> inputs(
      DaptConfig config, RunDirectory run, List<String> tasks) {
    List<LearntFolder> learnt = LearntFolder.of(run, tasks);
    if (byItself(config)) {
      return LearntFolder.digests(run, learnt);
    }
    LearntFolder last = learnt.get(learnt.size() - 1);
    return LearntFolder.digests(run, List.of(last.withoutSelection()));
  }

  private void log(String task, SampleHarvest harvest, boolean byItself, double seconds)
      throws IOException {
    LOG.info(
        "Made {} of {} pseudo samples of task {} in {}: {} drawn, {} malformed, {} empty, {}{}"
            + " repeated",
        harvest.kept().size(),
        harvest.wanted(),
        task,
        SpentTime.text(seconds),
        harvest.drawn(),
        harvest.malformed(),
        harvest.empty(),
        harvest.unlabelled() == 0 ? "" : harvest.unlabelled() + " without a label of the task, ",
        harvest.repeated());
    if (harvest.kept().size() < harvest.wanted()) {
      LOG.warn(
          "Task {} has only {} of {} pseudo samples{}. Raise {} or replay.max-attempts,"
              + " or lower replay.repetition-penalty, in another run.{}{}",
          task,
          harvest.kept().size(),
          harvest.wanted(),
          harvest.kept().isEmpty()
              ? byItself ? "; it is not learnt again" : "; later tasks do not reflect on it"
              : "",
          byItself ? "train.epochs" : "replay.steps",
          byItself ? new RecollectedSamples(context).cutTexts(task) : "",
          harvest.example());
    }
  }
}
