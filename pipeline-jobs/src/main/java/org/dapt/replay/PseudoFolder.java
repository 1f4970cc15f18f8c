package org.dapt.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.dapt.digest.Sha256;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.job.JobContext;
import org.dapt.run.Marker;
import org.dapt.run.PseudoTable;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskLayout;
import org.dapt.run.TrainingSummary;
import org.dapt.spark.ParquetFolder;
import org.dapt.spark.StoredRows;

/**
 * The pseudo samples that were made when a task was learnt, in the run's {@code
 * pseudo/<nn>-<task>}: those of a generator are of that task alone, those that a method makes up by
 * itself of all tasks so far.
 */
public final class PseudoFolder {
  /** The key of the counts of each task in the marker's summary. */
  private static final String TASKS = "tasks";

  /** The key of how many texts had an output that is no label of their task. */
  private static final String NO_LABEL = "no_label";

  private static final String ADVICE = "Delete the folder and run dapt replay again.";

  private final JobContext context;
  private final int number;
  private final String task;
  private final Path folder;

  /**
   * @param number position of the task in the order, from 1
   */
  public PseudoFolder(JobContext context, int number, String task) {
    this.context = context;
    this.number = number;
    this.task = task;
    folder = context.run().pseudo(number, task);
  }

  Path path() {
    return folder;
  }

  public Marker marker() {
    return context.run().marker(folder);
  }

  /**
   * Digest of the samples that were made after the task at position {@code number} of the order,
   * from 1.
   *
   * @throws InputException if they are not there
   */
  static String sha256(RunDirectory run, int number, String task) {
    Path folder = run.pseudo(number, task);
    Marker marker = run.marker(folder);
    if (!marker.isDone()) {
      throw new InputException(
          "There are no finished pseudo samples of task %s in %s, from which later tasks are to learn. Run dapt replay %s first."
              .formatted(task, folder, task));
    }
    return marker.text(TrainingSummary.SHA256);
  }

  /** The samples of the task alone in their order; there may be none. */
  public List<PseudoSample> samples() {
    return List.copyOf(read(false).getOrDefault(task, new TreeMap<>()).values());
  }

  /** The samples of all tasks, by the names of the tasks and their numbers. */
  SortedMap<String, SortedMap<Integer, PseudoSample>> samplesOfAll() {
    return read(true);
  }

  private SortedMap<String, SortedMap<Integer, PseudoSample>> read(boolean ofAll) {
    String sha256 = sha256(context.run(), number, task);
    Path file = new Path(folder, TaskLayout.SAMPLES);
    SortedMap<String, SortedMap<Integer, PseudoSample>> samples = new TreeMap<>();
    for (Row row : StoredRows.read(context.spark(), file, PseudoTable.COLUMNS, ADVICE)) {
      if (row.isNullAt(0) || row.isNullAt(1) || row.isNullAt(2) || row.isNullAt(3)) {
        throw new InputException(
            "A row of %s has no task, index, instruction or input, each is expected. %s"
                .formatted(file, ADVICE));
      }
      samples
          .computeIfAbsent(row.getString(0), name -> new TreeMap<>())
          .put(
              row.getInt(1),
              new PseudoSample(row.getString(2), row.getString(3), row.getString(4)));
    }
    String found =
        ofAll ? digestOfAll(samples) : digest(samples.getOrDefault(task, new TreeMap<>()));
    if (!found.equals(sha256)) {
      throw new InputException(
          "%s has samples of the digest %s, its marker says %s. %s"
              .formatted(file, found, Shown.of(sha256), ADVICE));
    }
    return samples;
  }

  /** Of the samples of a generator, whose outputs nobody learns. */
  private static String digest(SortedMap<Integer, PseudoSample> samples) {
    var digest = Sha256.start();
    samples.forEach(
        (index, sample) ->
            digest.update(
                (index + "\n" + sample.instruction() + "\n" + sample.input() + "\n")
                    .getBytes(StandardCharsets.UTF_8)));
    return Sha256.hex(digest);
  }

  private static String digestOfAll(SortedMap<String, SortedMap<Integer, PseudoSample>> samples) {
    var digest = Sha256.start();
    samples.forEach(
        (task, own) ->
            own.forEach(
                (index, sample) ->
                    List.of(
                            task,
                            index.toString(),
                            sample.instruction(),
                            sample.input(),
                            sample.output())
                        .forEach(
                            part ->
                                digest.update(
                                    (part.length() + "\n" + part)
                                        .getBytes(StandardCharsets.UTF_8)))));
    return Sha256.hex(digest);
  }

  /** Writes the samples of the task alone, in place of those that may be there. */
  public void write(SampleHarvest harvest) throws IOException {
    write(List.of(new TaskHarvest(task, harvest)));
  }

  /** Writes the samples of several tasks, in place of those that may be there. */
  void write(List<TaskHarvest> harvests) throws IOException {
    List<Row> rows = new ArrayList<>();
    for (TaskHarvest of : harvests) {
      of.harvest()
          .kept()
          .forEach(
              (index, kept) ->
                  rows.add(
                      RowFactory.create(
                          of.task(),
                          index,
                          kept.sample().instruction(),
                          kept.sample().input(),
                          kept.sample().output(),
                          kept.attempt())));
    }
    ParquetFolder.write(
        context.run().files(),
        context.spark().createDataFrame(rows, PseudoTable.COLUMNS).coalesce(1),
        new Path(folder, TaskLayout.SAMPLES));
  }

  /** What the marker tells about the samples of the task alone. */
  public static Map<String, Object> summary(SampleHarvest harvest) {
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(TrainingSummary.SHA256, digest(samples(harvest)));
    counts(harvest).forEach(summary::put);
    return summary;
  }

  /** What the marker tells about the samples of several tasks: all together, and each. */
  static Map<String, Object> summary(List<TaskHarvest> harvests) {
    SortedMap<String, SortedMap<Integer, PseudoSample>> samples = new TreeMap<>();
    Map<String, Integer> all = new LinkedHashMap<>();
    Map<String, Object> each = new LinkedHashMap<>();
    for (TaskHarvest of : harvests) {
      samples.put(of.task(), samples(of.harvest()));
      Map<String, Integer> counts = counts(of.harvest());
      counts.put(NO_LABEL, of.harvest().unlabelled());
      counts.forEach((name, count) -> all.merge(name, count, Integer::sum));
      each.put(of.task(), counts);
    }
    Map<String, Object> summary = new LinkedHashMap<>();
    summary.put(TrainingSummary.SHA256, digestOfAll(samples));
    all.forEach(summary::put);
    summary.put(TASKS, each);
    return summary;
  }

  private static SortedMap<Integer, PseudoSample> samples(SampleHarvest harvest) {
    SortedMap<Integer, PseudoSample> samples = new TreeMap<>();
    harvest.kept().forEach((index, kept) -> samples.put(index, kept.sample()));
    return samples;
  }

  private static Map<String, Integer> counts(SampleHarvest harvest) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    counts.put("wanted", harvest.wanted());
    counts.put("kept", harvest.kept().size());
    counts.put("drawn", harvest.drawn());
    counts.put("malformed", harvest.malformed());
    counts.put("empty", harvest.empty());
    counts.put("repeated", harvest.repeated());
    return counts;
  }
}
