package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.compare.CompareSettings;
import org.dapt.error.DaptException;
import org.dapt.metric.PairedBootstrap;
import org.dapt.metric.PairedBootstrap.Difference;

/**
 * Compares methods by pairs within each setting and order: the scores of each test example,
 * averaged over the seeds that all its methods have, are resampled. So an interval tells of the
 * choice of test examples; how much the seeds do is told by the deviation.
 */
final class Pairs {
  private final SparkSession spark;
  private final CellConfigs configs;

  Pairs(SparkSession spark, CellConfigs configs) {
    this.spark = spark;
    this.configs = configs;
  }

  /**
   * All pairs of methods with runs that are done.
   *
   * @param notes is given a sentence about what is left out, and why
   */
  List<Pair> of(List<RunFigures> runs, List<String> notes) {
    Map<String, List<RunFigures>> together = new LinkedHashMap<>();
    for (RunFigures run : runs) {
      if (run.isDone()) {
        String key = run.cell().setting() + "." + run.cell().order();
        together.computeIfAbsent(key, name -> new ArrayList<>()).add(run);
      }
    }
    List<Pair> pairs = new ArrayList<>();
    together.values().forEach(group -> pairs.addAll(within(group, notes)));
    return pairs;
  }

  private List<Pair> within(List<RunFigures> runs, List<String> notes) {
    List<Pair> pairs = new ArrayList<>();
    pairs.addAll(
        within(
            runs,
            Measure.AP,
            cell -> Optional.of(ExampleScores.learnt(spark, configs, cell)),
            notes));
    pairs.addAll(
        within(runs, Measure.UNSEEN, cell -> ExampleScores.unseen(spark, configs, cell), notes));
    return pairs;
  }

  private List<Pair> within(
      List<RunFigures> runs,
      Measure measure,
      Function<Cell, Optional<ExampleScores>> reader,
      List<String> notes) {
    // By method, by seed.
    Map<String, Map<Long, ExampleScores>> scores = new LinkedHashMap<>();
    for (RunFigures run : runs) {
      Cell cell = run.cell();
      try {
        reader
            .apply(cell)
            .ifPresent(
                read ->
                    scores
                        .computeIfAbsent(cell.method(), method -> new TreeMap<>())
                        .put(cell.seed(), read));
      } catch (DaptException e) {
        notes.add(
            "The run %s counts in no difference in %s between methods: %s"
                .formatted(cell.name(), measure.title(), e.getMessage()));
      }
    }
    Cell any = runs.get(0).cell();
    return among(any.setting(), any.order(), measure, scores, notes);
  }

  /**
   * The pairs of one setting and order in one measure.
   *
   * @param scores by method, by seed
   */
  List<Pair> among(
      String setting,
      String order,
      Measure measure,
      Map<String, Map<Long, ExampleScores>> scores,
      List<String> notes) {
    List<String> methods = List.copyOf(scores.keySet());
    Map<String, double[]> resampled = new LinkedHashMap<>();
    Map<String, double[][]> means = new LinkedHashMap<>();
    List<Pair> pairs = new ArrayList<>();
    List<String> unlike = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      for (int j = i + 1; j < methods.size(); j++) {
        List<Long> seeds = new ArrayList<>(scores.get(methods.get(i)).keySet());
        seeds.retainAll(scores.get(methods.get(j)).keySet());
        if (!seeds.isEmpty() && !areSame(scores, methods.get(i), methods.get(j), seeds)) {
          unlike.add(methods.get(i) + " and " + methods.get(j));
        } else if (!seeds.isEmpty()) {
          double[][] first = mean(means, scores, methods.get(i), seeds);
          double[][] second = mean(means, scores, methods.get(j), seeds);
          Difference difference =
              PairedBootstrap.difference(
                  resampled.computeIfAbsent(methods.get(i) + seeds, key -> resample(first)),
                  resampled.computeIfAbsent(methods.get(j) + seeds, key -> resample(second)),
                  PairedBootstrap.observed(first) - PairedBootstrap.observed(second));
          pairs.add(
              new Pair(
                  setting,
                  order,
                  measure,
                  methods.get(i),
                  methods.get(j),
                  seeds.size(),
                  Arrays.stream(first).mapToLong(task -> task.length).sum(),
                  difference));
        }
      }
    }
    if (!unlike.isEmpty()) {
      notes.add(
          "In setting %s, order %s, no difference in %s is told of %s: their runs have answered other test examples."
              .formatted(setting, order, measure.title(), String.join("; ", unlike)));
    }
    return pairs;
  }

  /** Whether all runs of both methods have answered the same examples. */
  private static boolean areSame(
      Map<String, Map<Long, ExampleScores>> scores, String first, String second, List<Long> seeds) {
    ExampleScores any = scores.get(first).get(seeds.get(0));
    return Stream.of(first, second)
        .allMatch(
            method ->
                seeds.stream()
                    .allMatch(seed -> any.isOfSameExamples(scores.get(method).get(seed))));
  }

  private static double[][] mean(
      Map<String, double[][]> means,
      Map<String, Map<Long, ExampleScores>> scores,
      String method,
      List<Long> seeds) {
    return means.computeIfAbsent(
        method + seeds,
        key -> ExampleScores.mean(seeds.stream().map(scores.get(method)::get).toList()));
  }

  private double[] resample(double[][] scores) {
    CompareSettings settings = configs.comparison().settings();
    return new PairedBootstrap(settings.samples(), settings.bootstrapSeed()).values(scores);
  }
}
