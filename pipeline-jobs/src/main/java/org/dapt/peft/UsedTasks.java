package org.dapt.peft;

import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.bytedeco.javacpp.PointerScope;
import org.dapt.adapter.Sidecar;
import org.dapt.config.DaptConfig;
import org.dapt.method.LearntTask;
import org.dapt.run.LearntFolder;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskArtifacts;
import org.dapt.run.TrainingSummary;
import org.dapt.tensor.Placement;

/** The learnt tasks of a run as they are used: with keys that were fitted later, if there are. */
record UsedTasks(DaptConfig config, RunDirectory run, Configuration hadoop) {
  /**
   * The task at {@code position} as it is used: with a key that was fitted later, if it has one.
   */
  LearntTask of(List<String> tasks, int position) {
    LearntFolder folder = LearntFolder.of(run, tasks).get(position - 1);
    return folder.selection() == null
        ? TaskArtifacts.read(
            hadoop, new Path(folder.folder()), folder.task(), Placement.cpu(config.model().dtype()))
        : all(tasks).get(position - 1);
  }

  /** The first tasks of the run; their tensors belong to the open scope. */
  List<LearntTask> all(List<String> tasks) {
    return TaskArtifacts.readAll(
        hadoop, LearntFolder.of(run, tasks), Placement.cpu(config.model().dtype()));
  }

  /** The first tasks, with the digests of what they are used with. */
  List<Sidecar.Earlier> earlier(List<String> tasks) {
    List<String> learnt = run.learnt();
    List<Sidecar.Earlier> earlier = new ArrayList<>();
    if (!tasks.isEmpty() && LearntFolder.of(run, learnt).get(0).selection() != null) {
      try (PointerScope scope = new PointerScope()) {
        all(learnt).subList(0, tasks.size()).stream()
            .map(task -> new Sidecar.Earlier(task.task(), task.sha256()))
            .forEach(earlier::add);
      }
      return earlier;
    }
    for (String task : tasks) {
      earlier.add(
          new Sidecar.Earlier(
              task, TrainingSummary.sha256(run.marker(run.task(earlier.size() + 1, task)))));
    }
    return earlier;
  }
}
