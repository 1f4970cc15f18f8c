package org.dapt.app;

import java.io.IOException;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.TaskSettings;
import org.dapt.data.file.FileDigest;
import org.dapt.data.prepare.PrepareSettings;
import org.dapt.data.prepare.PrepareTask;
import org.dapt.data.shard.Recipe;
import org.dapt.data.shard.TaskManifest;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.PreparedSummary;
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
   * Once a task is learnt, its shards stay as they were: what was learnt came from them.
   */
  void run(String task) throws IOException {
    Path folder = context.run().data(task);
    Marker marker = context.run().marker(folder);
    if (marker.isDone() && context.run().learnt().contains(task)) {
      LOG.info("Task {} is prepared and learnt already", task);
      return;
    }
    try (Lease lease = JobLease.of(context, folder)) {
      TaskManifest manifest =
          new PrepareTask(context.spark(), settings(context.config())).run(task, folder);
      lease.check();
      Map<String, String> inputs =
          Map.of(
              "manifest",
              FileDigest.sha256(context.run().files(), new Path(folder, TaskManifest.FILE)));
      if (marker.matches(context.config().hash(), inputs)) {
        LOG.info("Task {} is prepared already", task);
        return;
      }
      marker.write(
          context.config().hash(),
          inputs,
          new PreparedSummary(
                  manifest.splits().train().examples(),
                  manifest.splits().dev().examples(),
                  manifest.splits().test().examples())
              .toMap());
    }
  }

  static PrepareSettings settings(DaptConfig config) {
    TaskSettings tasks = config.tasks();
    Recipe recipe =
        new Recipe(
            tasks.format(),
            tasks.template(),
            tasks.maxSourceTokens(),
            tasks.maxTargetTokens(),
            tasks.shards(),
            tasks.holdOut(),
            tasks.splitSeed());
    return new PrepareSettings(tasks.root(), config.model().path(), recipe, tasks.metric());
  }
}
