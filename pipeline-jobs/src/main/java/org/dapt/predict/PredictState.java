package org.dapt.predict;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.data.file.FileDigest;
import org.dapt.run.RunDirectory;

/** How far a prediction is: what it is made from, and what of it is there. */
public final class PredictState {
  private final InputFiles input;
  private final Map<String, String> madeFrom;
  private final PredictionFolder folder;

  /** Null where nothing is there. */
  private final PredictionPlan plan;

  private final List<Integer> missing;

  private PredictState(
      InputFiles input,
      Map<String, String> madeFrom,
      PredictionFolder folder,
      PredictionPlan plan,
      List<Integer> missing) {
    this.input = input;
    this.madeFrom = madeFrom;
    this.folder = folder;
    this.plan = plan;
    this.missing = missing;
  }

  /** Digests files, in their order. */
  interface Digester {
    List<String> of(List<Path> files) throws IOException;
  }

  /**
   * Looks, without a session and without writing anything.
   *
   * @param tasks what the model has learnt that answers, the oldest first
   * @throws org.dapt.error.DaptException what {@link PredictJob} throws before it starts
   */
  public static PredictState find(
      DaptConfig config,
      Configuration hadoop,
      RunDirectory run,
      PredictSettings settings,
      List<String> tasks)
      throws IOException {
    return find(
        config,
        hadoop,
        run,
        settings,
        tasks,
        files -> {
          List<String> digests = new ArrayList<>();
          for (Path file : files) {
            digests.add(FileDigest.sha256(file.getFileSystem(hadoop), file));
          }
          return digests;
        });
  }

  static PredictState find(
      DaptConfig config,
      Configuration hadoop,
      RunDirectory run,
      PredictSettings settings,
      List<String> tasks,
      Digester digester)
      throws IOException {
    KnownTask.check(config.method().name(), settings.task(), tasks);
    InputFiles input = InputFiles.find(hadoop, settings.input(), settings.kind());
    PredictionFolder folder = new PredictionFolder(hadoop, settings.output());
    Map<String, String> madeFrom =
        MadeFrom.of(config, run, settings, tasks, input, digester.of(input.files()));
    PredictionPlan plan = folder.plan(madeFrom).orElse(null);
    return new PredictState(
        input,
        madeFrom,
        folder,
        plan,
        plan == null ? List.of() : folder.missing(plan, settings.format()));
  }

  /** Whether all rows are answered and nothing is left to clear away. */
  public boolean isDone() {
    return plan != null && folder.marker().isDone();
  }

  /** How many files of inputs there are. */
  public int files() {
    return input.files().size();
  }

  /** What they are. */
  public InputKind kind() {
    return input.kind();
  }

  /** How many bytes they have together. */
  public long bytes() {
    return input.bytes();
  }

  /** Rows of all inputs; -1 where they are not dealt to parts yet. */
  public long rows() {
    return plan == null ? -1 : plan.allRows();
  }

  /** Parts that the inputs are dealt to; -1 where they are not yet. */
  public int parts() {
    return plan == null ? -1 : plan.parts().size();
  }

  /** How many of them are not answered. */
  public int missingParts() {
    return missing.size();
  }

  InputFiles input() {
    return input;
  }

  Map<String, String> madeFrom() {
    return madeFrom;
  }

  PredictionFolder folder() {
    return folder;
  }

  /** Null where the inputs are not dealt to parts yet. */
  PredictionPlan plan() {
    return plan;
  }
}
