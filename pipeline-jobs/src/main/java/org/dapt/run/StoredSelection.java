package org.dapt.run;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.bytedeco.pytorch.Tensor;
import org.dapt.data.file.AtomicFile;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.method.dapt.Selection;
import org.dapt.tensor.Digests;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;

/**
 * Keys and query network that were fitted after tasks were learnt, in the run's {@code
 * selection/step=<nnnn>}: they take the place of those that the first tasks were learnt with, as
 * long as these are the same as then.
 *
 * @param folder where it lies
 * @param step for how many tasks it was fitted
 */
public record StoredSelection(Path folder, int step) {
  /** The name of the file with the tensors. */
  public static final String FILE = "selection.safetensors";

  private static final String FORMAT = "1";
  private static final Pattern STEP = Pattern.compile(RunFolder.STEP + "=(\\d{4,9})");

  /** That of the first {@code step} tasks of {@code run}; it need not be there. */
  public static StoredSelection of(RunDirectory run, int step) {
    return new StoredSelection(
        new Path(RunFolder.SELECTION.in(run.root()), RunFolder.ofStep(step)), step);
  }

  /**
   * The newest that was fitted for as many of {@code learnt} or fewer, and for tasks that are still
   * the same; empty where there is none.
   *
   * @param learnt the first tasks of the run
   */
  static Optional<StoredSelection> newest(RunDirectory run, List<String> learnt) {
    return steps(run).stream()
        .filter(step -> step <= learnt.size())
        .sorted(Comparator.reverseOrder())
        .map(step -> of(run, step))
        .filter(stored -> stored.isOf(run, learnt))
        .findFirst();
  }

  /** For how many tasks there are folders. */
  private static List<Integer> steps(RunDirectory run) {
    try {
      return Arrays.stream(run.files().listStatus(RunFolder.SELECTION.in(run.root())))
          .map(status -> STEP.matcher(status.getPath().getName()))
          .filter(Matcher::matches)
          .map(found -> Integer.parseInt(found.group(1)))
          .filter(step -> step > 0)
          .toList();
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("The selections of " + run.root() + " cannot be listed", e);
    }
  }

  private boolean isOf(RunDirectory run, List<String> learnt) {
    return run.marker(folder)
        .matches(run.identity().configHash(), inputs(run, learnt.subList(0, step)));
  }

  /** What its marker must have been written for: the digest of each task, by its folder's name. */
  public static Map<String, String> inputs(RunDirectory run, List<String> tasks) {
    return LearntFolder.digests(run, LearntFolder.own(run, tasks));
  }

  /**
   * Writes the tensors, in the type of what is learnt in {@code placement}, without the marker.
   *
   * @return their digest, for the marker's summary
   */
  public String write(FileSystem files, Selection selection, Placement placement)
      throws IOException {
    Map<String, Tensor> tensors = selection.tensors();
    tensors.replaceAll((name, tensor) -> tensor.to(placement.learnt()));
    Map<String, String> metadata =
        Map.of("format", FORMAT, TaskArtifacts.PRODUCER_KEY, TaskArtifacts.PRODUCER);
    AtomicFile.write(files, new Path(folder, FILE), NamedTensors.write(tensors, metadata));
    return Digests.sha256(new TreeMap<>(tensors));
  }

  /**
   * {@code learnt} with these keys and this network.
   *
   * @throws InputException if the file is damaged
   */
  List<LearntTask> over(FileSystem files, List<LearntTask> learnt, Placement placement)
      throws IOException {
    Path file = new Path(folder, FILE);
    Map<String, Tensor> tensors = TaskArtifacts.tensors(files, file, placement);
    Selection selection = Selection.in(tensors);
    String found = Digests.sha256(new TreeMap<>(tensors));
    String expected = TrainingSummary.sha256(Marker.of(files, folder));
    if (selection == null || selection.keys().size(0) != step || !found.equals(expected)) {
      throw new InputException(
          "%s cannot be used: its tensors have the digest %s, its marker says %s. Delete %s, or run dapt realign again."
              .formatted(file, found, expected, folder));
    }
    return selection.over(learnt);
  }
}
