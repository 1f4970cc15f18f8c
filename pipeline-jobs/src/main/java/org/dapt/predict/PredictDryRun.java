package org.dapt.predict;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.FileDigest;
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
  public static String text(
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
    String files =
        "input          %s: %d %s, %s, %d bytes%n"
            .formatted(
                settings.input(),
                input.files().size(),
                input.files().size() == 1 ? "file" : "files",
                input.kind().text(),
                input.bytes());
    return files
        + "predict        %s: %s%n"
            .formatted(
                folder.path(),
                plan.isEmpty()
                    ? "to do, with the model after %d %s"
                        .formatted(tasks.size(), tasks.size() == 1 ? "task" : "tasks")
                    : state(folder, plan.get(), settings.format()));
  }

  private static String state(PredictionFolder folder, PredictionPlan plan, OutputFormat format)
      throws IOException {
    int missing = folder.missing(plan, format).size();
    return missing == 0 && folder.marker().isDone()
        ? "done, %d rows".formatted(plan.allRows())
        : "to do, %d of %d parts are missing".formatted(missing, plan.parts().size());
  }
}
