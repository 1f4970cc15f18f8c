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
import org.dapt.method.LearntTask;
import org.dapt.run.RunDirectory;

/**
 * Takes a task out of a run. The run is written anew without it beside the old one, and takes its
 * place when it is complete: whatever stops this in between, one of both is there.
 */
public final class ForgetJob {
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

  /** The folder in which the run is written anew. */
  public static Path staging(Path root) {
    return AssembledRun.staging(root);
  }

  /**
   * Writes the run without the task to {@link #staging}. What was measured while its block was
   * there is left out.
   *
   * @param config that of the run without the task
   */
  public RunDirectory write(DaptConfig config) throws IOException {
    Path root = source.run().root();
    FileSystem files = source.run().files();
    Path staging = staging(root);
    files.delete(staging, true);
    files.mkdirs(staging);
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
    int place = source.tasks().indexOf(task);
    try (PointerScope scope = new PointerScope()) {
      List<LearntTask> learnt = source.learnt(hadoop);
      for (int i = 0; i < learnt.size(); i++) {
        if (i != place) {
          assembled.add(source.run(), i + 1, without(place, learnt.get(i)), null);
        }
        if (i < place) {
          assembled.addResults(source.run(), i + 1);
        }
      }
    }
    return run;
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

  /** Puts the new run in the place of the old one, and deletes that. */
  public static void replace(FileSystem files, Path root) throws IOException {
    AssembledRun.rename(files, root, old(root));
    AssembledRun.rename(files, staging(root), root);
    files.delete(old(root), true);
  }

  /** Finishes what {@link #replace} had begun before it was cut off; does nothing otherwise. */
  public static void recover(FileSystem files, Path root) throws IOException {
    if (!files.exists(old(root))) {
      return;
    }
    if (!files.exists(root)) {
      AssembledRun.rename(files, staging(root), root);
    }
    files.delete(old(root), true);
  }

  private static Path old(Path root) {
    return new Path(root.getParent(), "." + root.getName() + ".forgotten");
  }
}
