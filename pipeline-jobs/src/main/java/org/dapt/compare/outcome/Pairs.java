package org.dapt.compare.outcome;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.compare.CompareSettings;
import org.dapt.error.DaptException;
import org.dapt.metric.PairedBootstrap;
import org.dapt.metric.PairedBootstrap.Difference;
import org.dapt.score.UnseenScores;

/**
 * Compares methods by pairs within each setting and order, and over all orders of a setting where
 * these have the same tasks: the scores of each test example, averaged over the runs of the same
 * orders and seeds that both methods have, are resampled. So an interval tells of the choice of
 * test examples; how much orders and seeds do is told by the deviation.
 */
final class Pairs {
  private final SparkSession spark;
  private final CellConfigs configs;

  Pairs(SparkSession spark, CellConfigs configs) {
    this.spark = spark;
    this.configs = configs;
  }

  /**
   * The runs that are compared with each other.
   *
   * @param order of all of them, or {@link MethodFigures#ALL_ORDERS}
   * @param measure that the scores are of
   * @param scores by method, by what tells its runs apart
   */
  record Group(
      String setting,
      String order,
      Measure measure,
      Map<String, Map<String, ExampleScores>> scores) {
    private Group(String setting, String order, Measure measure) {
      this(setting, order, measure, new LinkedHashMap<>());
    }

    private void add(Cell cell, ExampleScores answered) {
      scores
          .computeIfAbsent(cell.method(), method -> new LinkedHashMap<>())
          .put(cell.order() + "." + cell.seed(), answered);
    }
  }

  /**
   * All pairs of methods with runs that are done.
   *
   * @param unseen scores of those that have answered unseen tasks
   * @param notes is given a sentence about what is left out, and why
   */
  List<Pair> of(List<RunFigures> runs, Map<Cell, UnseenScores> unseen, List<String> notes) {
    List<Cell> done = runs.stream().filter(RunFigures::isDone).map(RunFigures::cell).toList();
    List<Pair> pairs = new ArrayList<>();
    pairs.addAll(in(Measure.AP, done, cell -> ExampleScores.learnt(spark, configs, cell), notes));
    pairs.addAll(
        in(
            Measure.UNSEEN,
            done.stream().filter(unseen::containsKey).toList(),
            cell -> ExampleScores.unseen(spark, configs, cell, unseen.get(cell)),
            notes));
    return pairs;
  }

  private List<Pair> in(
      Measure measure, List<Cell> cells, Function<Cell, ExampleScores> reader, List<String> notes) {
    Map<Cell, ExampleScores> answered = new LinkedHashMap<>();
    for (Cell cell : cells) {
      try {
        answered.put(cell, reader.apply(cell));
      } catch (DaptException e) {
        notes.add(
            "The run %s counts in no difference in %s between methods: %s"
                .formatted(cell.name(), measure.title(), e.getMessage()));
      }
    }
    List<Pair> pairs = new ArrayList<>();
    groups(measure, answered).forEach(group -> pairs.addAll(among(group, notes)));
    return pairs;
  }

  /** Of each order, and then of all orders of a setting together where they are of one kind. */
  static List<Group> groups(Measure measure, Map<Cell, ExampleScores> answered) {
    Map<List<String>, Group> groups = new LinkedHashMap<>();
    Map<String, Group> whole = new LinkedHashMap<>();
    answered.forEach(
        (cell, scores) -> {
          List<String> key = List.of(cell.setting(), cell.order());
          groups
              .computeIfAbsent(key, of -> new Group(cell.setting(), cell.order(), measure))
              .add(cell, scores);
          if (isInAllOrders(cell, answered.keySet())) {
            whole
                .computeIfAbsent(
                    cell.setting(), of -> new Group(of, MethodFigures.ALL_ORDERS, measure))
                .add(cell, scores);
          }
        });
    List<Group> all = new ArrayList<>(groups.values());
    all.addAll(whole.values());
    return all;
  }

  /**
   * Whether the setting of {@code cell} has several orders, of the same tasks, and its method has
   * runs with the same seeds in each of them: others would weigh orders unlike.
   */
  private static boolean isInAllOrders(Cell cell, Set<Cell> all) {
    Map<String, Set<Long>> seeds = new HashMap<>();
    for (Cell other : all) {
      if (other.setting().equals(cell.setting())) {
        if (!Set.copyOf(other.tasks()).equals(Set.copyOf(cell.tasks()))) {
          return false;
        }
        Set<Long> own = seeds.computeIfAbsent(other.order(), order -> new HashSet<>());
        if (other.method().equals(cell.method())) {
          own.add(other.seed());
        }
      }
    }
    return seeds.size() > 1 && Set.copyOf(seeds.values()).size() == 1;
  }

  /** The pairs of {@code group}. */
  List<Pair> among(Group group, List<String> notes) {
    Map<String, Map<String, ExampleScores>> scores = group.scores();
    List<String> methods = List.copyOf(scores.keySet());
    Map<String, double[]> resampled = new LinkedHashMap<>();
    Map<String, double[][]> means = new LinkedHashMap<>();
    List<Pair> pairs = new ArrayList<>();
    List<String> unlike = new ArrayList<>();
    for (int i = 0; i < methods.size(); i++) {
      for (int j = i + 1; j < methods.size(); j++) {
        List<String> both = new ArrayList<>(scores.get(methods.get(i)).keySet());
        both.retainAll(scores.get(methods.get(j)).keySet());
        if (!both.isEmpty() && !areSame(scores, methods.get(i), methods.get(j), both)) {
          unlike.add(methods.get(i) + " and " + methods.get(j));
        } else if (!both.isEmpty()) {
          double[][] first = mean(means, scores, methods.get(i), both);
          double[][] second = mean(means, scores, methods.get(j), both);
          Difference difference =
              PairedBootstrap.difference(
                  resampled.computeIfAbsent(methods.get(i) + both, key -> resample(first)),
                  resampled.computeIfAbsent(methods.get(j) + both, key -> resample(second)),
                  PairedBootstrap.observed(first) - PairedBootstrap.observed(second));
          pairs.add(
              new Pair(
                  group.setting(),
                  group.order(),
                  group.measure(),
                  methods.get(i),
                  methods.get(j),
                  both.size(),
                  Arrays.stream(first).mapToLong(task -> task.length).sum(),
                  difference));
        }
      }
    }
    if (!unlike.isEmpty()) {
      notes.add(
          "In setting %s, order %s, no difference in %s is told of %s: their runs have answered other test examples, or are scored by another metric."
              .formatted(
                  group.setting(),
                  group.order(),
                  group.measure().title(),
                  String.join("; ", unlike)));
    }
    return pairs;
  }

  /** Whether all runs of both methods have answered the same examples. */
  private static boolean areSame(
      Map<String, Map<String, ExampleScores>> scores,
      String first,
      String second,
      List<String> runs) {
    ExampleScores any = scores.get(first).get(runs.get(0));
    return Stream.of(first, second)
        .allMatch(
            method ->
                runs.stream().allMatch(run -> any.isOfSameExamples(scores.get(method).get(run))));
  }

  private static double[][] mean(
      Map<String, double[][]> means,
      Map<String, Map<String, ExampleScores>> scores,
      String method,
      List<String> runs) {
    return means.computeIfAbsent(
        method + runs,
        key -> ExampleScores.mean(runs.stream().map(scores.get(method)::get).toList()));
  }

  private double[] resample(double[][] scores) {
    CompareSettings settings = configs.comparison().settings();
    return new PairedBootstrap(settings.samples(), settings.bootstrapSeed()).values(scores);
  }
}
