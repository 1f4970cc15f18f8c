package org.dapt.compare.outcome;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.RunStanding;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.config.DaptConfig;
import org.dapt.error.DaptException;
import org.dapt.error.InputException;
import org.dapt.evaluate.UnseenTasks;
import org.dapt.method.ContinualMethod;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.metric.ContinualMetrics;
import org.dapt.metric.ScoreMatrix;
import org.dapt.report.Evaluation;
import org.dapt.report.RunResults;
import org.dapt.run.Marker;
import org.dapt.run.RunDirectory;
import org.dapt.run.TaskLayout;
import org.dapt.run.TrainingSummary;
import org.dapt.score.UnseenScores;

/** Reads what the run directories of a comparison record. */
final class RunReader {
  private static final double MIB = 1 << 20;

  private final SparkSession spark;
  private final CellConfigs configs;

  /** The score matrices of runs that are done. */
  private final Map<Cell, ScoreMatrix> matrices = new HashMap<>();

  /** What those of them that have answered unseen tasks have scored there. */
  private final Map<Cell, UnseenScores> unseen = new HashMap<>();

  RunReader(SparkSession spark, CellConfigs configs) {
    this.spark = spark;
    this.configs = configs;
  }

  /**
   * The figures of {@code cell} but those against single tasks; a run that is missing, unfinished
   * or refused is told by its state.
   */
  RunFigures read(Cell cell) throws IOException {
    String folder = configs.comparison().places().run(cell).toString();
    try {
      DaptConfig config = configs.of(cell);
      RunStanding standing = RunStanding.ofResults(config);
      if (!standing.isDone()) {
        return unfinished(
            cell,
            folder,
            standing.isStarted()
                ? "unfinished: %d of %d tasks learnt".formatted(standing.learnt(), standing.tasks())
                : "missing");
      }
      RunDirectory run = RunDirectory.open(configs.hadoop(), new Path(config.run().dir()));
      RunResults results = RunResults.read(spark, config, run);
      requireLastScores(cell, run, results.evaluation());
      KeptSamples samples = KeptSamples.of(config, run);
      Optional<UnseenScores> scores = unseen(config, run);
      UnseenMeans means = UnseenMeans.of(scores);
      ScoreMatrix matrix = results.evaluation().map(Evaluation::matrix).orElseThrow();
      matrices.put(cell, matrix);
      scores.ifPresent(found -> unseen.put(cell, found));
      return new RunFigures(
          cell,
          folder,
          RunFigures.DONE,
          samples.kind(),
          measures(results, samples, means),
          ScoreMeaning.of(results),
          TaskScores.of(matrix),
          means.categories());
    } catch (DaptException e) {
      return unfinished(cell, folder, "refused: " + e.getMessage());
    }
  }

  /** What is left of scores would be told as if they were all. */
  private static void requireLastScores(
      Cell cell, RunDirectory run, Optional<Evaluation> evaluation) {
    int found = evaluation.map(all -> all.tasks().size()).orElse(0);
    int expected = cell.tasks().size();
    if (found < expected) {
      throw new InputException(
          "The scores after task %d are missing in %s, though its marker says that they were written; those after task %d are the last. Delete %s and run the comparison again."
              .formatted(expected, run.scores(expected), found, run.scores(expected)));
    }
  }

  /** Of the set that the comparison is about: others may have been answered besides. */
  private Optional<UnseenScores> unseen(DaptConfig config, RunDirectory run) {
    return config.evaluate().unseen() == null
        ? Optional.empty()
        : UnseenScores.of(spark, run, UnseenTasks.set(config), run.learnt().size());
  }

  /** The scores on unseen tasks of the runs read so far that have answered any. */
  Map<Cell, UnseenScores> unseen() {
    return unseen;
  }

  /**
   * {@code runs} with their transfer from earlier tasks to new ones, where the comparison has a run
   * of the same setting and seed that learnt all of their tasks alone; that of the same order goes
   * before others.
   */
  List<RunFigures> withTransfer(List<RunFigures> runs) {
    List<String> references = ContinualMethods.names(Trait.TRANSFER_REFERENCE);
    List<Cell> alone =
        runs.stream()
            .filter(run -> run.isDone() && references.contains(run.cell().method()))
            .map(RunFigures::cell)
            .toList();
    List<RunFigures> all = new ArrayList<>();
    for (RunFigures run : runs) {
      Map<Measure, Double> measures = new EnumMap<>(Measure.class);
      measures.putAll(run.measures());
      if (run.isDone()) {
        alone.stream()
            .filter(reference -> isReference(reference, run.cell()))
            .min(Comparator.comparing(reference -> !reference.order().equals(run.cell().order())))
            .ifPresent(
                reference ->
                    put(
                        measures,
                        Measure.FWT,
                        ContinualMetrics.of(matrices.get(run.cell()), own(reference))
                            .forwardTransfer()));
      }
      all.add(run.with(measures));
    }
    return all;
  }

  private static boolean isReference(Cell reference, Cell cell) {
    return reference.setting().equals(cell.setting())
        && reference.seed() == cell.seed()
        && reference.tasks().containsAll(cell.tasks());
  }

  /** The score of each task right after it was learnt. */
  private Map<String, Double> own(Cell reference) {
    ScoreMatrix matrix = matrices.get(reference);
    Map<String, Double> own = new HashMap<>();
    for (int i = 0; i < matrix.size(); i++) {
      String task = matrix.tasks().get(i);
      matrix.score(i, i).ifPresent(score -> own.put(task, score));
    }
    return own;
  }

  private static RunFigures unfinished(Cell cell, String folder, String state) {
    return new RunFigures(cell, folder, state, "", Map.of(), "", Map.of(), new TreeMap<>());
  }

  private static Map<Measure, Double> measures(
      RunResults results, KeptSamples samples, UnseenMeans unseen) {
    Map<Measure, Double> measures = new EnumMap<>(Measure.class);
    ContinualMetrics metrics = results.evaluation().map(Evaluation::metrics).orElseThrow();
    put(measures, Measure.AP, metrics.averagePerformance());
    put(measures, Measure.F_RA, metrics.forgetting());
    put(measures, Measure.BWT, metrics.backwardTransfer());
    put(
        measures,
        Measure.SELECTION_ACCURACY,
        results.evaluation().orElseThrow().selectionAccuracy());
    put(measures, Measure.UNSEEN, unseen.mean());
    List<TrainingSummary> training = results.costs().stream().map(cost -> cost.training()).toList();
    long most = training.stream().mapToLong(TrainingSummary::trainedParameters).max().orElse(0);
    long steps = training.stream().mapToLong(TrainingSummary::steps).sum();
    if (steps == 0 || most > 0) {
      // Runs of before did not record it.
      measures.put(Measure.TRAINED_PARAMETERS, (double) most);
    }
    measures.put(Measure.BYTES_PER_TASK, bytesPerTask(results));
    put(measures, Measure.SAMPLES_PER_TASK, samples.perTask());
    measures.put(Measure.STEPS, (double) steps);
    put(
        measures,
        Measure.RANKS,
        training.stream()
            .filter(task -> task.steps() > 0)
            .mapToInt(TrainingSummary::ranks)
            .average());
    measures.put(
        Measure.TRAINING_SECONDS, training.stream().mapToDouble(TrainingSummary::seconds).sum());
    put(measures, Measure.SAMPLES_SECONDS, samples.seconds());
    measures.put(Measure.EVALUATION_SECONDS, evaluationSeconds(results));
    double stepSeconds =
        training.stream()
            .filter(task -> task.tokensPerSecond() > 0)
            .mapToDouble(task -> task.tokens() / task.tokensPerSecond())
            .sum();
    if (stepSeconds > 0) {
      measures.put(
          Measure.TOKENS_PER_SECOND,
          training.stream().mapToLong(TrainingSummary::tokens).sum() / stepSeconds);
    }
    double resident =
        mib(
            LongStream.concat(
                    training.stream().mapToLong(TrainingSummary::peakResidentBytes),
                    evaluated(results).mapToLong(RunReader::peakResidentBytes))
                .max());
    if (resident > 0) {
      measures.put(Measure.PEAK_RESIDENT_MIB, resident);
    }
    double device = mib(training.stream().mapToLong(TrainingSummary::deviceBytes).max());
    if (device > 0) {
      measures.put(Measure.PEAK_DEVICE_MIB, device);
    }
    return measures;
  }

  private static double mib(OptionalLong bytes) {
    return bytes.orElse(0) / MIB;
  }

  private static void put(Map<Measure, Double> measures, Measure measure, OptionalDouble value) {
    value.ifPresent(found -> measures.put(measure, found));
  }

  private static double evaluationSeconds(RunResults results) {
    return evaluated(results).mapToDouble(marker -> marker.number("seconds").doubleValue()).sum();
  }

  /** The markers of the evaluations: methods that take all tasks together have but the last. */
  private static Stream<Marker> evaluated(RunResults results) {
    RunDirectory run = results.run();
    return IntStream.rangeClosed(1, results.learnt().size())
        .mapToObj(step -> run.marker(run.scores(step)))
        .filter(Marker::isDone);
  }

  private static long peakResidentBytes(Marker evaluated) {
    return evaluated.summary().get(TrainingSummary.PEAK_RESIDENT_BYTES) instanceof Number bytes
        ? bytes.longValue()
        : 0;
  }

  private static double bytesPerTask(RunResults results) {
    ContinualMethod method = ContinualMethods.named(results.config().method().name());
    if (method.has(Trait.LEARNS_NOTHING)) {
      return 0;
    }
    int tasks = results.learnt().size();
    int first = method.has(Trait.ONE_BLOCK) ? tasks - 1 : 0;
    long bytes = 0;
    for (int i = first; i < tasks; i++) {
      Path folder = results.run().task(i + 1, results.learnt().get(i));
      for (String file : List.of(TaskLayout.BLOCK, TaskLayout.ATTENTION, TaskLayout.TARGET)) {
        bytes += length(results.run().files(), new Path(folder, file));
      }
    }
    return (double) bytes / tasks;
  }

  private static long length(FileSystem files, Path file) {
    try {
      return files.getFileStatus(file).getLen();
    } catch (FileNotFoundException e) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
