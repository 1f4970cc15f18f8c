package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.dapt.compare.CellConfigs;
import org.dapt.compare.CompareSettings;
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

  /** All pairs of methods with runs that are done. */
  List<Pair> of(List<RunFigures> runs) {
    Map<String, List<RunFigures>> together = new LinkedHashMap<>();
    for (RunFigures run : runs) {
      if (run.isDone()) {
        String key = run.cell().setting() + "." + run.cell().order();
        together.computeIfAbsent(key, name -> new ArrayList<>()).add(run);
      }
    }
    List<Pair> pairs = new ArrayList<>();
    together.values().forEach(group -> pairs.addAll(within(group)));
    return pairs;
  }

  private List<Pair> within(List<RunFigures> runs) {
    // By method, by seed.
    Map<String, Map<Long, ExampleScores>> scores = new LinkedHashMap<>();
    for (RunFigures run : runs) {
      scores
          .computeIfAbsent(run.cell().method(), method -> new TreeMap<>())
          .put(run.cell().seed(), ExampleScores.read(spark, configs, run.cell()));
    }
    List<String> methods = List.copyOf(scores.keySet());
    Map<String, double[]> resampled = new LinkedHashMap<>();
    Map<String, double[][]> means = new LinkedHashMap<>();
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      for (int j = i + 1; j < methods.size(); j++) {
        List<Long> seeds = new ArrayList<>(scores.get(methods.get(i)).keySet());
        seeds.retainAll(scores.get(methods.get(j)).keySet());
        if (!seeds.isEmpty() && areSame(scores, methods.get(i), methods.get(j), seeds)) {
          double[][] first = mean(means, scores, methods.get(i), seeds);
          double[][] second = mean(means, scores, methods.get(j), seeds);
          Difference difference =
              PairedBootstrap.difference(
                  resampled.computeIfAbsent(methods.get(i) + seeds, key -> resample(first)),
                  resampled.computeIfAbsent(methods.get(j) + seeds, key -> resample(second)),
                  PairedBootstrap.observed(first) - PairedBootstrap.observed(second));
          pairs.add(
              new Pair(
                  runs.get(0).cell().setting(),
                  runs.get(0).cell().order(),
                  methods.get(i),
                  methods.get(j),
                  seeds.size(),
                  Arrays.stream(first).mapToLong(task -> task.length).sum(),
                  difference));
        }
      }
    }
    return pairs;
  }

  private static boolean areSame(
      Map<String, Map<Long, ExampleScores>> scores, String first, String second, List<Long> seeds) {
    return seeds.stream()
        .allMatch(
            seed -> scores.get(first).get(seed).isOfSameExamples(scores.get(second).get(seed)));
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
