package org.dapt.replay;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.FileDigest;
import org.dapt.data.reader.Split;
import org.dapt.data.reader.TaskFile;
import org.dapt.data.reader.TaskFolder;
import org.dapt.data.reader.TaskFormat;
import org.dapt.data.reader.TaskReader;
import org.dapt.job.JobContext;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;

/**
 * The files that replayed inputs come from, where these are not the tasks' own.
 *
 * @param config says where they come from
 * @param run the run that they are replayed in
 * @param hadoop the settings of the file systems
 */
public record ReplayFiles(DaptConfig config, RunDirectory run, Configuration hadoop) {
  /**
   * The digest of what each of {@code learnt} is replayed from, by name; none where that is nothing
   * besides its training inputs.
   *
   * @param learnt the first tasks of the run
   * @throws org.dapt.error.InputException where a file is missing
   */
  public Map<String, String> digests(List<LearntFolder> learnt) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    if (!learnt.isEmpty() && JobContext.recollection(config) != null) {
      String last = learnt.get(learnt.size() - 1).task();
      digests.put("made-up", PseudoFolder.sha256(run, learnt.size(), last));
    }
    if (!ContinualMethods.named(config.method().name()).has(Trait.REFLECTS)) {
      return digests;
    }
    for (int i = 0; i < learnt.size(); i++) {
      String task = learnt.get(i).task();
      switch (config.reflection().source()) {
        case GIVEN -> {
          Path file = new Path(given(hadoop, config, task).uri());
          digests.put("replay-" + task, FileDigest.sha256(file.getFileSystem(hadoop), file));
        }
        case GENERATED -> digests.put("replay-" + task, PseudoFolder.sha256(run, i + 1, task));
        default -> {}
      }
    }
    return digests;
  }

  /**
   * How given inputs are read: as the tasks are, where these have task files; else as the format
   * {@code long-sequence}.
   */
  static TaskReader reader(DaptConfig config) {
    return TaskFormat.of(config.tasks().format()) instanceof TaskReader reader
        ? reader
        : TaskReader.named("long-sequence");
  }

  /**
   * The file with the given inputs of {@code task}.
   *
   * @throws org.dapt.error.InputException where there is none
   */
  public static TaskFile given(Configuration hadoop, DaptConfig config, String task)
      throws IOException {
    return TaskFolder.find(hadoop, config.reflection().given(), task).requiredFile(Split.TRAIN);
  }
}
