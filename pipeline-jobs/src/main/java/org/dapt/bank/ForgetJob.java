package org.dapt.bank;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.FileUtil;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.AtomicFile;
import org.dapt.error.ConfigException;
import org.dapt.error.LeaseException;
import org.dapt.method.LearntTask;
import org.dapt.method.dapt.Selection;
import org.dapt.run.RunDirectory;
import org.dapt.run.RunFolder;
import org.dapt.run.RunReplacement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a task out of a run. The run is written anew without it beside the old one, and takes its
 * place when it is complete: whatever stops this in between, one of both is whole.
 */
public final class ForgetJob {
  private static final Logger LOG = LoggerFactory.getLogger(ForgetJob.class);

  private final SourceRun source;
  private final String task;
  private final Configuration hadoop;

  /**
   * @param task to be forgotten
   * @throws ConfigException if it is not learnt, it is the only one, or the method does not keep
   *     tasks apart
   */
  public ForgetJob(SourceRun source, String task, Configuration hadoop) {
    this.source = source;
    this.task = task;
    this.hadoop = hadoop;
    source.requireSeparateBlocks("forgotten task by task");
    if (!source.tasks().contains(task)) {
      throw new ConfigException(
          "Task %s is not learnt in %s; learnt are %s. Name one of these."
              .formatted(task, source.run().root(), String.join(", ", source.tasks())));
    }
    if (source.tasks().size() == 1) {
      throw new ConfigException(
          "%s is the only task of %s: delete the run instead."
              .formatted(task, source.run().root()));
    }
  }

  /** The tasks that stay, in their order. */
  public List<String> left() {
    return source.tasks().stream().filter(other -> !other.equals(task)).toList();
  }

  /** The command that forgets {@code task}, without {@code dapt}. */
  public static String command(String task) {
    return "forget --task " + task;
  }

  /**
   * What of other tasks goes with the task: those that are learnt in part, and what became of
   * unseen tasks while its block was there, or as long as it was one of them. Folders of the run,
   * by their paths in it, sorted.
   */
  public List<String> lost() throws IOException {
    RunDirectory run = source.run();
    List<String> lost = new ArrayList<>();
    for (String folder : names(RunFolder.TASKS)) {
      if (!run.marker(new Path(RunFolder.TASKS.in(run.root()), folder)).isDone()) {
        lost.add(RunFolder.TASKS.folder() + "/" + folder);
      }
    }
    for (String set : names(RunFolder.UNSEEN)) {
      String folder = RunFolder.UNSEEN.folder() + "/" + set;
      if (hasTask(set)) {
        lost.add(folder);
        continue;
      }
      for (int step = place() + 1; step <= source.tasks().size(); step++) {
        if (run.files().exists(run.unseen(set).scores(step))) {
          lost.add(folder + "/" + RunFolder.SCORES.folder() + "/" + RunFolder.ofStep(step));
        }
      }
    }
    return lost;
  }

  private List<String> names(RunFolder kind) throws IOException {
    return AssembledRun.names(source.run().files(), kind.in(source.run().root()));
  }

  /** Whether the task was one of a set of unseen ones before it was learnt. */
  private boolean hasTask(String set) throws IOException {
    return source.run().files().exists(source.run().unseen(set).data(task));
  }

  private int place() {
    return source.tasks().indexOf(task);
  }

  /**
   * Writes the run without the task, where {@code replacement} has it. What was measured while its
   * block was there is left out.
   *
   * @param config that of the run without the task
   */
  public RunDirectory write(DaptConfig config, RunReplacement replacement) throws IOException {
    Path root = source.run().root();
    FileSystem files = source.run().files();
    List<String> lost = lost();
    if (!lost.isEmpty()) {
      LOG.warn("Besides {} itself these folders of {} are deleted: {}", task, root, lost);
    }
    replacement.begin();
    Path staging = replacement.staging();
    // It is the same run, and keeps its name.
    FileUtil.copy(
        files,
        new Path(root, RunDirectory.RUN_FILE),
        files,
        new Path(staging, RunDirectory.RUN_FILE),
        false,
        hadoop);
    AtomicFile.write(
        files,
        new Path(staging, RunDirectory.CONFIG_FILE),
        config.effective().getBytes(StandardCharsets.UTF_8));
    RunDirectory run = RunDirectory.open(hadoop, staging);
    AssembledRun assembled = new AssembledRun(run, config, hadoop);
    int place = place();
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> learnt = learnt(place);
      for (int i = 0; i < learnt.size(); i++) {
        if (i != place) {
          assembled.add(source.run(), i + 1, without(place, learnt.get(i)), null);
        }
        if (i < place) {
          assembled.addResults(source.run(), i + 1);
        }
      }
    }
    assembled.addPrepared(source.run(), task);
    for (String set : names(RunFolder.UNSEEN)) {
      if (!hasTask(set)) {
        assembled.addUnseen(source.run(), set, place);
      }
    }
    return run;
  }

  /** All tasks. If the last one goes, the one before it has the network that fits the keys. */
  private List<LearntTask> learnt(int place) {
    List<LearntTask> learnt = source.learnt(hadoop);
    if (place < learnt.size() - 1 || !source.isFitted()) {
      return learnt;
    }
    Selection fitted = Selection.of(learnt);
    List<LearntTask> all =
        new ArrayList<>(
            new Selection(fitted.keys().narrow(0, 0, place), fitted.network())
                .over(learnt.subList(0, place)));
    all.add(learnt.get(place));
    return all;
  }

  /** The mean attention without the block at {@code place}: the others share its weight. */
  private static LearntTask without(int place, LearntTask task) {
    List<Double> mean = new ArrayList<>(task.meanAttention());
    if (place >= mean.size()) {
      return task;
    }
    mean.remove(place);
    double left = mean.stream().mapToDouble(Double::doubleValue).sum();
    int own = mean.size() - 1;
    if (left > 0) {
      mean.replaceAll(weight -> weight / left);
    } else {
      mean.set(own, 1.0);
    }
    return task.withMeanAttention(mean);
  }

  /**
   * Puts the new run in the place of the old one, which is deleted.
   *
   * @throws LeaseException if something was learnt since {@link #write}
   */
  public void replace(RunReplacement replacement) throws IOException {
    List<String> now = source.run().learnt();
    if (!now.equals(source.tasks())) {
      throw new LeaseException(
          "Another process learnt in %s while a task was taken out of it: learnt were %s, now %s. Nothing is changed; run dapt forget again."
              .formatted(source.run().root(), source.tasks(), now));
    }
    replacement.replace(command(task));
  }
}
