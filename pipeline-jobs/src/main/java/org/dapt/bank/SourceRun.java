package org.dapt.bank;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.method.ContinualMethods;
import org.dapt.method.LearntTask;
import org.dapt.method.Trait;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskArtifacts;
import org.dapt.tensor.Placement;

/**
 * A run whose blocks are used elsewhere.
 *
 * @param run its directory
 * @param config its configuration
 * @param tasks those that it has learnt, the oldest first
 */
public record SourceRun(RunDirectory run, DaptConfig config, List<String> tasks) {
  /** What {@code run} has learnt by now. */
  public static SourceRun of(RunDirectory run, DaptConfig config) {
    return new SourceRun(run, config, run.learnt());
  }

  /**
   * Refuses methods whose tasks cannot be told apart in what was learnt.
   *
   * @param what is to be done with it
   */
  void requireSeparateBlocks(String what) {
    String method = config.method().name();
    if (!ContinualMethods.named(method).has(Trait.SEPARATE_BLOCKS)) {
      throw new ConfigException(
          "%s was learnt by %s, in which what a task left behind is not apart from that of the others: it cannot be %s. That can be done with runs of %s."
              .formatted(
                  run.root(),
                  method,
                  what,
                  String.join(", ", ContinualMethods.names(Trait.SEPARATE_BLOCKS))));
    }
  }

  /** Whether the network in use was fitted again, together with the keys of all tasks. */
  boolean isFitted() {
    return LearntFolder.of(run, tasks).get(tasks.size() - 1).selection() != null;
  }

  /** Its tasks with the keys and the network that are in use; they belong to the open scope. */
  List<LearntTask> learnt(Configuration hadoop) {
    return TaskArtifacts.readAll(
        hadoop, LearntFolder.of(run, tasks), Placement.cpu(config.model().dtype()));
  }
}
