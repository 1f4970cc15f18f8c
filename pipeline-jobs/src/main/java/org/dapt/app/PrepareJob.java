package org.dapt.app;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.FileDigest;
import org.dapt.data.prepare.ChangedFiles;
import org.dapt.data.prepare.PrepareSettings;
import org.dapt.data.prepare.PrepareTask;
import org.dapt.data.shard.TaskManifest;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.error.LeaseException;
import org.dapt.error.Shown;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.Outcome;
import org.dapt.job.TaskData;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.PreparedSummary;
import org.dapt.run.RunDirectory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns the files of a task into tokenised shards below {@code <run>/data}. */
final class PrepareJob {
  private static final Logger LOG = LoggerFactory.getLogger(PrepareJob.class);

  private final JobContext context;

  PrepareJob(JobContext context) {
    this.context = context;
  }

  /**
   * Prepares {@code task}, unless that is done and neither its files nor its shards have changed.
   * Once a task is learnt, its shards stay as they were: what was learnt came from them. If its
   * files have changed since, that is said.
   *
   * @return {@link Outcome#DONE} or {@link Outcome#SKIPPED}
   */
  Outcome run(String task) throws IOException {
    if (isKept(context.run(), task)) {
      LOG.info("Task {} is prepared and learnt already", task);
      warnOfChangedFiles(task);
      return Outcome.SKIPPED;
    }
    return context.run().sharesData() ? runShared(task) : runLeased(task);
  }

  private void warnOfChangedFiles(String task) throws IOException {
    List<String> changed;
    try {
      changed =
          ChangedFiles.of(
              context.hadoop(),
              TaskData.settings(context.config(), task),
              task,
              context.run().data(task));
    } catch (InputException e) {
      LOG.debug("The files of task {} are not there any more", task, e);
      return;
    }
    if (!changed.isEmpty()) {
      LOG.warn(
          "Task {} was learnt from other files than those of now: {} changed since. What was learnt stays, and scores are on the former files. To learn from the new ones take another run.dir.",
          task,
          Shown.of(String.join(", ", changed)));
    }
  }

  /** Waits where another run prepares the task; all of them then find it done. */
  private Outcome runShared(String task) throws IOException {
    for (boolean waits = false; ; waits = true) {
      if (isDone(context.config(), context.hadoop(), context.run(), task)) {
        LOG.info("Task {} is prepared already in {}", task, context.run().data(task));
        return Outcome.SKIPPED;
      }
      try {
        return runLeased(task);
      } catch (LeaseException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        if (!waits) {
          LOG.info("Another run prepares task {}: waiting for it", task);
        }
      }
    }
  }

  private Outcome runLeased(String task) throws IOException {
    Path folder = context.run().data(task);
    Marker marker = context.run().marker(folder);
    String hash = hash(context.config(), context.run(), task);
    PrepareSettings settings = TaskData.settings(context.config(), task);
    try (Lease lease = JobLease.of(context, folder)) {
      if (context.run().sharesData()
          && marker.isDone()
          && PrepareTask.finished(context.hadoop(), settings, task, folder).isEmpty()) {
        throw new InputException(
            "%s was prepared from other files or settings than those of now, or is damaged, and other runs may have learnt from it. Bring the former files back, take another run.data, or delete the folder to prepare the task again."
                .formatted(folder));
      }
      TaskManifest manifest = new PrepareTask(context.spark(), settings).run(task, folder);
      lease.check();
      Map<String, String> inputs = inputs(context.run(), folder);
      if (marker.matches(hash, inputs)) {
        LOG.info("Task {} is prepared already", task);
        return Outcome.SKIPPED;
      }
      marker.write(
          hash,
          inputs,
          new PreparedSummary(
                  manifest.splits().train().examples(),
                  manifest.splits().dev().examples(),
                  manifest.splits().test().examples(),
                  testDrawnFrom(manifest),
                  manifest.testHoldOut() != null)
              .toMap());
      return Outcome.DONE;
    }
  }

  /** Whether {@link #run} would find nothing to do. */
  static boolean isDone(DaptConfig config, Configuration hadoop, RunDirectory run, String task)
      throws IOException {
    Path folder = run.data(task);
    return isKept(run, task)
        || (run.marker(folder).isDone()
            && PrepareTask.finished(hadoop, TaskData.settings(config, task), task, folder)
                .isPresent()
            && run.marker(folder).matches(hash(config, run, task), inputs(run, folder)));
  }

  /** Data that runs share do not belong to the configuration of one of them. */
  private static String hash(DaptConfig config, RunDirectory run, String task) {
    return run.sharesData()
        ? Sha256.of(TaskData.settings(config, task).recipe().toString())
        : config.hash();
  }

  /**
   * Refuses a task that is not prepared.
   *
   * @param run null where it is not started
   */
  static void requirePrepared(DaptConfig config, RunDirectory run, String task) {
    if (run == null || !run.marker(run.data(task)).isDone()) {
      throw new InputException(
          "Task %s is not prepared: the run %s has no finished %s of it. Run dapt prepare %s first."
              .formatted(task, config.run().dir(), TaskManifest.FILE, task));
    }
  }

  /** Null where all test examples are taken. */
  private static Long testDrawnFrom(TaskManifest manifest) {
    long examples = manifest.splits().test().examples();
    return manifest.drawnFrom() == null || manifest.drawnFrom().test() == examples
        ? null
        : Long.valueOf(manifest.drawnFrom().test());
  }

  private static boolean isKept(RunDirectory run, String task) {
    return run.marker(run.data(task)).isDone() && run.learnt().contains(task);
  }

  private static Map<String, String> inputs(RunDirectory run, Path folder) throws IOException {
    return Map.of("manifest", FileDigest.sha256(run.files(), new Path(folder, TaskManifest.FILE)));
  }
}
