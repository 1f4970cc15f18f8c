package org.dapt.predict;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.FileDigest;
import org.dapt.job.DryRunItem;
import org.dapt.run.RunDirectory;

/** Says what a prediction would do, without Spark and without writing anything. */
public final class PredictDryRun {
  private PredictDryRun() {}

  /**
   * What would be done.
   *
   * @param tasks what the model has learnt that answers, the oldest first
   * @throws org.dapt.error.DaptException what {@link PredictJob} would throw before it starts
   */
  public static List<DryRunItem> items(
      DaptConfig config,
      Configuration hadoop,
      RunDirectory run,
      PredictSettings settings,
      List<String> tasks)
      throws IOException {
    KnownTask.check(config.method().name(), settings.task(), tasks);
    InputFiles input = InputFiles.find(hadoop, settings.input(), settings.kind());
    List<String> digests = new ArrayList<>();
    for (Path file : input.files()) {
      digests.add(FileDigest.sha256(file.getFileSystem(hadoop), file));
    }
    PredictionFolder folder = new PredictionFolder(hadoop, settings.output());
    Optional<PredictionPlan> plan =
        folder.plan(MadeFrom.of(config, run, settings, tasks, input, digests));
    DryRunItem files =
        DryRunItem.checked(
            "input",
            settings.input(),
            "%d %s, %s, %d bytes"
                .formatted(
                    input.files().size(),
                    input.files().size() == 1 ? "file" : "files",
                    input.kind().text(),
                    input.bytes()));
    return List.of(files, prediction(folder, plan, settings, tasks.size()));
  }

  private static DryRunItem prediction(
      PredictionFolder folder, Optional<PredictionPlan> plan, PredictSettings settings, int step)
      throws IOException {
    if (plan.isEmpty()) {
      return DryRunItem.toDo(
          "predict",
          settings.output(),
          "with the model after %d %s".formatted(step, step == 1 ? "task" : "tasks"));
    }
    int missing = folder.missing(plan.get(), settings.format()).size();
    return missing == 0 && folder.marker().isDone()
        ? DryRunItem.done("predict", settings.output(), plan.get().allRows() + " rows")
        : DryRunItem.toDo(
            "predict",
            settings.output(),
            "%d of %d parts are missing".formatted(missing, plan.get().parts().size()));
  }
}
