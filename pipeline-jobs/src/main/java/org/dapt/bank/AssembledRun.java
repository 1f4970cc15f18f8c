package org.dapt.bank;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.AtomicFile;
import org.dapt.data.file.FileDigest;
import org.dapt.data.shard.TaskManifest;
import org.dapt.learn.TrainInputs;
import org.dapt.method.LearntTask;
import org.dapt.replay.ReplayJob;
import org.dapt.run.Lease;
import org.dapt.run.Marker;
import org.dapt.run.ResultFolders;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TaskLayout;
import org.dapt.run.TrainingSummary;

/**
 * A run whose tasks were learnt in other runs. Markers are written as if they had been learnt here,
 * so that the run can be used, and gone on with, like any other.
 */
final class AssembledRun {
  private final RunDirectory run;
  private final DaptConfig config;
  private final Configuration hadoop;

  /** Those that it has so far, the oldest first. */
  private final List<String> tasks = new ArrayList<>();

  /**
   * @param run a new one
   * @param config that of the run
   * @param hadoop the settings of the file systems
   */
  AssembledRun(RunDirectory run, DaptConfig config, Configuration hadoop) {
    this.run = run;
    this.config = config;
    this.hadoop = hadoop;
  }

  /**
   * Adds a task.
   *
   * @param from where it was learnt
   * @param position its place there, from 1
   * @param learnt what is kept of it, with the mean attention that it shall have here
   * @param origin where it is said to come from; null for what its marker says
   */
  void add(RunDirectory from, int position, LearntTask learnt, String origin) throws IOException {
    String task = learnt.task();
    tasks.add(task);
    if (!run.data(task).equals(from.data(task))) {
      addData(from, task);
    }
    Path folder = run.task(tasks.size(), task);
    Path source = from.task(position, task);
    Map<String, String> inputs = TrainInputs.of(config, run, hadoop, tasks).digests();
    TaskArtifacts.Packed packed = TaskArtifacts.pack(learnt, config.method().name());
    TaskArtifacts.write(run.files(), folder, packed);
    copy(
        from.files(), new Path(source, TaskLayout.TRAINING), new Path(folder, TaskLayout.TRAINING));
    Map<String, Object> summary = new LinkedHashMap<>(from.marker(source).summary());
    summary.put(TrainingSummary.SHA256, packed.sha256());
    if (origin != null) {
      summary.put(TrainingSummary.IMPORTED_FROM, origin);
    }
    run.marker(folder).write(config.hash(), inputs, summary);
    addSamples(from, position, task);
  }

  private void addData(RunDirectory from, String task) throws IOException {
    Path source = from.data(task);
    Path folder = run.data(task);
    copy(from.files(), source, folder);
    run.marker(folder)
        .write(
            config.hash(),
            Map.of("manifest", FileDigest.sha256(run.files(), new Path(folder, TaskManifest.FILE))),
            from.marker(source).summary());
  }

  private void addSamples(RunDirectory from, int position, String task) throws IOException {
    Path source = from.pseudo(position, task);
    if (!from.marker(source).isDone()) {
      return;
    }
    Path folder = run.pseudo(tasks.size(), task);
    copy(from.files(), source, folder);
    run.marker(folder)
        .write(config.hash(), ReplayJob.inputs(config, run, tasks), from.marker(source).summary());
  }

  /** Copies the prepared data of tasks that are not learnt yet, but for {@code task}. */
  void addPrepared(RunDirectory from, String task) throws IOException {
    if (run.data().equals(from.data())) {
      return;
    }
    for (String other : names(from.files(), from.data())) {
      if (!other.equals(task) && !tasks.contains(other) && from.marker(from.data(other)).isDone()) {
        addData(from, other);
      }
    }
  }

  /** Copies the results of {@code step}, where there are any. */
  void addResults(RunDirectory from, int step) throws IOException {
    addResults(from, from.results(), run.results(), step);
  }

  /** Copies the data of a set of unseen tasks, and what became of them up to {@code step}. */
  void addUnseen(RunDirectory from, String set, int step) throws IOException {
    ResultFolders there = from.unseen(set);
    ResultFolders here = run.unseen(set);
    copy(from.files(), there.data(), here.data());
    for (int i = 1; i <= step; i++) {
      addResults(from, there, here, i);
    }
  }

  private void addResults(RunDirectory from, ResultFolders there, ResultFolders here, int step)
      throws IOException {
    copy(from.files(), there.predictions(step), here.predictions(step));
    copy(from.files(), there.attention(step), here.attention(step));
    copy(from.files(), there.scores(step), here.scores(step));
    if (from.marker(there.scores(step)).isDone()) {
      FileUtil.copy(
          from.files(),
          new Path(there.scores(step), Marker.FILE),
          run.files(),
          new Path(here.scores(step), Marker.FILE),
          false,
          hadoop);
    }
  }

  /** The names of the folders in {@code folder}, sorted; empty if it does not exist. */
  static List<String> names(FileSystem files, Path folder) throws IOException {
    try {
      return Arrays.stream(files.listStatus(folder))
          .filter(FileStatus::isDirectory)
          .map(status -> status.getPath().getName())
          .sorted()
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  /** Copies a file or a folder, but for markers and what is there only while work goes on. */
  private void copy(FileSystem files, Path source, Path target) throws IOException {
    FileStatus status;
    try {
      status = files.getFileStatus(source);
    } catch (FileNotFoundException e) {
      return;
    }
    if (!status.isDirectory()) {
      run.files().mkdirs(target.getParent());
      FileUtil.copy(files, source, run.files(), target, false, hadoop);
      return;
    }
    run.files().mkdirs(target);
    for (FileStatus child : files.listStatus(source)) {
      Path path = child.getPath();
      String name = path.getName();
      if (!name.equals(Marker.FILE)
          && !name.equals(Lease.FILE)
          && !name.equals(TaskLayout.CHECKPOINTS)
          && !AtomicFile.isTemporary(path)) {
        copy(files, path, new Path(target, name));
      }
    }
  }
}
