package org.dapt.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

/** The pseudo samples of one learnt task in the run: {@code pseudo/<nn>-<task>}. */
public final class PseudoFolder {
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
   * Digest of the samples of the task at position {@code number} of the order, from 1.
   *
   * @throws InputException if they are not there
   */
  static String sha256(RunDirectory run, int number, String task) {
    Path folder = run.pseudo(number, task);
    Marker marker = run.marker(folder);
    if (!marker.isDone()) {
      throw new InputException(
          "There are no finished pseudo samples of task %s in %s, which reflection.source = generated needs. Run dapt replay %s first."
              .formatted(task, folder, task));
    }
    return marker.text(TrainingSummary.SHA256);
  }

  /** The samples in their order; there may be none. */
  public List<PseudoSample> samples() {
    String sha256 = sha256(context.run(), number, task);
    Path file = new Path(folder, TaskLayout.SAMPLES);
    SortedMap<Integer, PseudoSample> samples = new TreeMap<>();
    for (Row row : StoredRows.read(context.spark(), file, PseudoTable.COLUMNS, ADVICE)) {
      if (row.isNullAt(1) || row.isNullAt(2) || row.isNullAt(3)) {
        throw new InputException(
            "A row of %s has no index, instruction or input, each is expected. %s"
                .formatted(file, ADVICE));
      }
      samples.put(
          row.getInt(1), new PseudoSample(row.getString(2), row.getString(3), row.getString(4)));
    }
    String found = digest(samples);
    if (!found.equals(sha256)) {
      throw new InputException(
          "%s has samples of the digest %s, its marker says %s. %s"
              .formatted(file, found, Shown.of(sha256), ADVICE));
    }
    return List.copyOf(samples.values());
  }

  private static String digest(SortedMap<Integer, PseudoSample> samples) {
    var digest = Sha256.start();
    samples.forEach(
        (index, sample) ->
            digest.update(
                (index + "\n" + sample.instruction() + "\n" + sample.input() + "\n")
                    .getBytes(StandardCharsets.UTF_8)));
    return Sha256.hex(digest);
  }

  /** Writes the samples, in place of those that may be there. */
  public void write(SampleHarvest harvest) throws IOException {
    List<Row> rows = new ArrayList<>();
    harvest
        .kept()
        .forEach(
            (index, kept) ->
                rows.add(
                    RowFactory.create(
                        task,
                        index,
                        kept.sample().instruction(),
                        kept.sample().input(),
                        kept.sample().output(),
                        kept.attempt())));
    ParquetFolder.write(
        context.run().files(),
        context.spark().createDataFrame(rows, PseudoTable.COLUMNS).coalesce(1),
        new Path(folder, TaskLayout.SAMPLES));
  }

  /** What the marker tells about the samples. */
  public static Map<String, Object> summary(SampleHarvest harvest) {
    SortedMap<Integer, PseudoSample> samples = new TreeMap<>();
    harvest.kept().forEach((index, kept) -> samples.put(index, kept.sample()));
    return Map.of(
        TrainingSummary.SHA256,
        digest(samples),
        "wanted",
        harvest.wanted(),
        "kept",
        harvest.kept().size(),
        "drawn",
        harvest.drawn(),
        "malformed",
        harvest.malformed(),
        "empty",
        harvest.empty(),
        "repeated",
        harvest.repeated());
  }
}
