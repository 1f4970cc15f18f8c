package org.dapt.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.DaptConfig;
import org.dapt.config.EvaluatedSplit;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.method.ContinualMethods;
import org.dapt.method.Trait;
import org.dapt.run.Marker;
import org.dapt.run.PreparedSummary;
import org.dapt.run.RunDirectory;
import org.dapt.run.TrainingCost;
import org.dapt.score.ScoreMatrices;
import org.dapt.score.ScoreTable;
import org.dapt.score.UnseenScores;

/**
 * What a run has come to so far.
 *
 * @param config as the run is reported with it
 * @param run the directory
 * @param learnt all tasks learnt, in the order of learning
 * @param costs what each of them took
 * @param testDrawnFrom of how many test examples those of a task are a draw, by task; without the
 *     tasks of which all are taken
 * @param testHeldOut tasks without a test split, whose test examples are taken out of train; none
 *     where dev examples are answered
 * @param evaluation empty where nothing is evaluated yet
 * @param unseen the newest scores on each set of tasks that the run has not learnt
 */
public record RunResults(
    DaptConfig config,
    RunDirectory run,
    List<String> learnt,
    List<TrainingCost> costs,
    Map<String, Long> testDrawnFrom,
    List<String> testHeldOut,
    Optional<Evaluation> evaluation,
    List<UnseenScores> unseen) {

  /**
   * Reads the markers and scores of {@code run}.
   *
   * @throws InputException if they are damaged or contradict each other
   * @throws ConfigException if {@code evaluate.single-task-run} is not a run of a method that
   *     learns tasks independently, on the same work
   */
  public static RunResults read(SparkSession spark, DaptConfig config, RunDirectory run) {
    List<String> learnt = run.learnt();
    List<TrainingCost> costs = new ArrayList<>();
    for (int i = 0; i < learnt.size(); i++) {
      costs.add(TrainingCost.of(learnt.get(i), run.marker(run.task(i + 1, learnt.get(i)))));
    }
    Map<String, Long> testDrawnFrom = new LinkedHashMap<>();
    List<String> testHeldOut = new ArrayList<>();
    for (String task : learnt) {
      Marker marker = run.marker(run.data(task));
      if (!marker.isDone() || isOfDev(config)) {
        continue;
      }
      PreparedSummary prepared = PreparedSummary.of(marker);
      if (prepared.testDrawnFrom() != null) {
        testDrawnFrom.put(task, prepared.testDrawnFrom());
      }
      if (prepared.testHeldOut()) {
        testHeldOut.add(task);
      }
    }
    UnaryOperator<String> metric = task -> config.metric(task).text();
    return new RunResults(
        config,
        run,
        learnt,
        costs,
        testDrawnFrom,
        testHeldOut,
        Evaluation.of(
            ScoreTable.read(spark, run.scores()),
            learnt,
            metric,
            singleTask(spark, config, run, metric)),
        UnseenScores.ofRun(spark, run));
  }

  /**
   * The scores, for those who cannot do without.
   *
   * @throws InputException where nothing is evaluated yet
   */
  Evaluation evaluated() {
    return evaluation.orElseThrow(() -> new InputException(noScores()));
  }

  /** Whether its method weighs blocks for every input. */
  boolean weighsBlocks() {
    return ContinualMethods.named(config.method().name()).has(Trait.CHOOSES_BLOCKS);
  }

  /** What to say where nothing is evaluated yet. */
  public String noScores() {
    return "The run %s has no scores yet. Run dapt run, or train and evaluate, first."
        .formatted(run.root());
  }

  private static boolean isOfDev(DaptConfig config) {
    return config.evaluate().split() == EvaluatedSplit.DEV;
  }

  /** The name of the split whose examples are answered. */
  String split() {
    return config.evaluate().split().split().folder();
  }

  /**
   * The run's metric, those that tasks have of their own, and that scores are of dev examples, for
   * people.
   */
  String metricText() {
    String all = config.tasks().metric().text();
    List<String> own = new ArrayList<>();
    for (int i = 0; i < learnt.size(); i++) {
      String metric = config.metric(learnt.get(i)).text();
      if (!metric.equals(all)) {
        own.add("%s on t%d".formatted(metric, i + 1));
      }
    }
    String text = own.isEmpty() ? all : "%s (%s)".formatted(all, String.join(", ", own));
    return isOfDev(config) ? text + " on dev, not test" : text;
  }

  /** The folder of the task at {@code position}, counted from 0. */
  Path folder(int position) {
    return run.task(position + 1, learnt.get(position));
  }

  /**
   * The scores of the single-task run that {@code config} names, by task; none where it names none.
   *
   * @throws ConfigException if {@code evaluate.single-task-run} is not a run of a method that
   *     learns tasks independently, on the same work
   */
  public static Map<String, Double> singleTask(
      SparkSession spark, DaptConfig config, RunDirectory run, UnaryOperator<String> metric) {
    return SingleTaskRun.of(spark.sparkContext().hadoopConfiguration(), config, run)
        .map(single -> ScoreMatrices.singleTask(ScoreTable.read(spark, single.scores()), metric))
        .orElse(Map.of());
  }
}
