package org.dapt.evaluate;

import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.FileDigest;
import org.dapt.data.prepare.PrepareTask;
import org.dapt.data.reader.Split;
import org.dapt.data.shard.TaskManifest;
import org.dapt.digest.Sha256;
import org.dapt.job.JobContext;
import org.dapt.job.JobLease;
import org.dapt.job.Outcome;
import org.dapt.job.SentMetrics;
import org.dapt.job.TaskData;
import org.dapt.models.Models;
import org.dapt.report.UnseenSeries;
import org.dapt.run.LearntFolder;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.ResultFolders;
import org.dapt.run.RunDirectory;
import org.dapt.score.UnseenScore;
import org.dapt.score.UnseenScores;
import org.dapt.score.UnseenTable;
import org.dapt.terminal.SpentTime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the model after some tasks answer the test examples of tasks that it has not learnt, and
 * records predictions, mean attention and scores below {@code <run>/unseen/<set>}.
 */
public final class UnseenJob {
  /** What the marker of the scores has of each task. */
  private static final String CATEGORIES = "categories";

  private static final Logger LOG = LoggerFactory.getLogger(UnseenJob.class);

  private final JobContext context;

  /** On the whole cluster. */
  public UnseenJob(JobContext context) {
    this.context = context;
  }

  /**
   * Evaluates the unseen tasks after learning the last of {@code tasks}, unless that is done: with
   * the same blocks, data and settings. Other categories alone are written without answering again.
   *
   * @param tasks the tasks learnt so far, the oldest first
   * @return {@link Outcome#DONE} or {@link Outcome#SKIPPED}
   * @throws org.dapt.error.DaptException as {@link UnseenTasks#of}, or where a task's files are
   *     damaged
   */
  public Outcome run(List<String> tasks) throws IOException {
    UnseenTasks unseen = UnseenTasks.of(context.hadoop(), context.config(), tasks);
    if (!unseen.learnt().isEmpty()) {
      LOG.info("Learnt and so left out of {}: {}", unseen.set(), unseen.learnt());
    }
    int step = tasks.size();
    ResultFolders folders = context.run().unseen(unseen.set());
    try (Lease lease = JobLease.of(context, folders.root())) {
      List<LearntFolder> learnt = context.folders(tasks, step);
      for (String task : unseen.tasks()) {
        new PrepareTask(context.spark(), TaskData.unseen(context.config(), unseen.folder(), task))
            .run(task, folders.data(task));
        lease.check();
      }
      Map<String, String> inputs = inputs(context.run(), folders, learnt, unseen);
      Marker marker = context.run().marker(folders.scores(step));
      if (marker.matches(context.config().hash(), inputs)) {
        Outcome outcome = label(marker, inputs, unseen, folders.scores(step), step);
        send(unseen.set(), step);
        return outcome;
      }
      long start = System.nanoTime();
      FileSystem files = context.run().files();
      // Of tasks that may be there no more.
      files.delete(folders.predictions(step), true);
      files.delete(folders.attention(step), true);
      TestAnswers.Stored stored =
          new TestAnswers(context)
              .store(learnt, unseen.tasks(), folders, /* unseen= */ true, lease);
      UnseenTable.write(
          context.spark(),
          files,
          folders.scores(step),
          rows(stored.scores(), tasks, learnt, unseen));
      double seconds = (System.nanoTime() - start) / 1e9;
      Map<String, Object> summary = stored.summary(step, seconds);
      summary.put(CATEGORIES, unseen.categories());
      marker.write(context.config().hash(), inputs, summary);
      send(unseen.set(), step);
      LOG.info(
          "Evaluated {} unseen {} of {} after step {} in {}",
          unseen.tasks().size(),
          unseen.tasks().size() == 1 ? "task" : "tasks",
          unseen.set(),
          step,
          SpentTime.text(seconds));
      return Outcome.DONE;
    }
  }

  private void send(String set, int step) {
    new SentMetrics(context)
        .offer(
            () ->
                UnseenScores.of(context.spark(), context.run(), set, step)
                    .map(UnseenSeries::of)
                    .orElseThrow());
  }

  /**
   * Whether {@link #run} would find nothing to do.
   *
   * @param tasks learnt tasks, the oldest first
   * @throws org.dapt.error.DaptException as {@link #run}
   */
  public static boolean isDone(
      DaptConfig config, Configuration hadoop, RunDirectory run, List<String> tasks)
      throws IOException {
    UnseenTasks unseen = UnseenTasks.of(hadoop, config, tasks);
    ResultFolders folders = run.unseen(unseen.set());
    Marker marker = run.marker(folders.scores(tasks.size()));
    if (!marker.isDone()) {
      return false;
    }
    for (String task : unseen.tasks()) {
      Optional<TaskManifest> prepared =
          PrepareTask.finished(
              hadoop, TaskData.unseen(config, unseen.folder(), task), task, folders.data(task));
      if (prepared.isEmpty()) {
        return false;
      }
    }
    return marker.matches(config.hash(), inputs(run, folders, LearntFolder.of(run, tasks), unseen))
        && unseen.categories().equals(marker.summary().get(CATEGORIES));
  }

  /**
   * As {@link #isDone}; where the files of the tasks or the model are there no more, whether the
   * marker says that they are answered.
   *
   * @param tasks learnt tasks, the oldest first
   * @throws org.dapt.error.DaptException as {@link #run}
   */
  public static boolean isAnswered(
      DaptConfig config, Configuration hadoop, RunDirectory run, List<String> tasks)
      throws IOException {
    Path folder = new Path(config.evaluate().unseen());
    if (folder.getFileSystem(hadoop).exists(folder)
        && Models.exists(config.model().path(), hadoop)) {
      return isDone(config, hadoop, run, tasks);
    }
    Marker marker = run.marker(run.unseen(UnseenTasks.set(config)).scores(tasks.size()));
    return marker.isDone() && marker.configHash().equals(Optional.of(config.hash()));
  }

  /** Writes the scores again where only the categories are others. */
  private Outcome label(
      Marker marker, Map<String, String> inputs, UnseenTasks unseen, Path scores, int step)
      throws IOException {
    Map<String, Object> summary = new TreeMap<>(marker.summary());
    if (unseen.categories().equals(summary.get(CATEGORIES))) {
      LOG.info("The unseen tasks of {} are evaluated already after step {}", unseen.set(), step);
      return Outcome.SKIPPED;
    }
    List<UnseenScore> rows =
        UnseenTable.read(context.spark(), scores, step).stream()
            .map(
                row ->
                    new UnseenScore(
                        unseen.categories().get(row.score().evaluatedTask()), row.score()))
            .toList();
    UnseenTable.write(context.spark(), context.run().files(), scores, rows);
    summary.put(CATEGORIES, unseen.categories());
    marker.write(context.config().hash(), inputs, summary);
    LOG.info("The unseen tasks of {} have other categories now", unseen.set());
    return Outcome.DONE;
  }

  /** The blocks that answer, and the data of each task. */
  private static Map<String, String> inputs(
      RunDirectory run, ResultFolders folders, List<LearntFolder> learnt, UnseenTasks unseen)
      throws IOException {
    Map<String, String> inputs = new TreeMap<>(LearntFolder.digests(run, learnt));
    for (String task : unseen.tasks()) {
      inputs.put(
          "data-" + task,
          FileDigest.sha256(run.files(), new Path(folders.data(task), TaskManifest.FILE)));
    }
    return inputs;
  }

  private List<UnseenScore> rows(
      List<TaskScores> scores, List<String> tasks, List<LearntFolder> learnt, UnseenTasks unseen) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    String blocks = Sha256.of(String.join("\n", context.digests(learnt).values()));
    List<UnseenScore> rows = new ArrayList<>();
    for (TaskScores task : scores) {
      task.rows(context, tasks, Split.TEST, blocks, now)
          .forEach(row -> rows.add(new UnseenScore(unseen.categories().get(task.task()), row)));
    }
    return rows;
  }
}
