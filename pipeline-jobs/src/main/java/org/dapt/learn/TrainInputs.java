package org.dapt.learn;

import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.config.TaskOverride;
import org.dapt.data.file.FileDigest;
import org.dapt.data.shard.PreparedTask;
import org.dapt.data.shard.TaskManifest;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.job.AtOnce;
import org.dapt.replay.ReplayFiles;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;

/**
 * What the last of some tasks is learnt from. Known without a session.
 *
 * @param data the prepared task
 * @param learnt the tasks before it
 * @param digests of everything besides the configuration that decides what is learnt, by name
 * @param isLearnt whether it is learnt already, from just this
 */
public record TrainInputs(
    PreparedTask data, List<LearntFolder> learnt, Map<String, String> digests, boolean isLearnt) {
  /**
   * The inputs of the last of {@code tasks}.
   *
   * @param tasks all before the last are learnt, and the last is prepared
   * @throws InputException if it is not prepared, a file of replayed inputs is missing, or it was
   *     learnt from something else
   */
  public static TrainInputs of(
      DaptConfig config, RunDirectory run, Configuration hadoop, List<String> tasks)
      throws IOException {
    int number = tasks.size();
    String task = tasks.get(number - 1);
    PreparedTask data = PreparedTask.open(hadoop, run.data(task));
    List<LearntFolder> learnt = LearntFolder.of(run, tasks.subList(0, number - 1));
    Map<String, String> digests = LearntFolder.digests(run, learnt);
    digests.put("data", FileDigest.sha256(run.files(), new Path(data.folder(), TaskManifest.FILE)));
    digests.putAll(new ReplayFiles(config, run, hadoop).digests(learnt));
    digests.putAll(KeptExamples.digests(config, run, learnt));
    if (AtOnce.is(config)) {
      digests.put("order", Sha256.of(String.join("\n", config.tasks().order())));
      for (String other : tasks.subList(0, number - 1)) {
        Path manifest = new Path(run.data(other), TaskManifest.FILE);
        digests.put("data-" + other, FileDigest.sha256(run.files(), manifest));
      }
    }
    SortedMap<String, Object> overrides = overrides(config, task);
    if (!overrides.isEmpty()) {
      digests.put("overrides", Sha256.of(overrides.toString()));
    }
    Path folder = run.task(number, task);
    boolean isLearnt = run.marker(folder).isDone();
    if (isLearnt && !run.marker(folder).matches(config.hash(), digests)) {
      throw new InputException(
          "%s was learnt from other inputs than those of now: its data or an earlier block changed. Delete it and the folders of all later tasks, or take another run.dir."
              .formatted(folder));
    }
    return new TrainInputs(data, learnt, digests, isLearnt);
  }

  /** What is different for {@code task}, by the names of the keys; empty where that is nothing. */
  public static SortedMap<String, Object> overrides(DaptConfig config, String task) {
    TaskOverride own = config.tasks().overrides().get(task);
    return own == null ? Collections.emptySortedMap() : own.values();
  }
}
