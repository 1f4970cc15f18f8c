package org.dapt.report;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.dapt.report.Page.Fact;
import org.dapt.run.RunDirectory;
import org.dapt.score.AttentionTable;

/** Gathers what the page shows. */
final class PageReader {
  private final SparkSession spark;
  private final RunResults results;
  private final String version;

  /**
   * @param version of the dapt that writes the page
   */
  PageReader(SparkSession spark, RunResults results, String version) {
    this.spark = spark;
    this.results = results;
    this.version = version;
  }

  /**
   * The page of everything there is so far.
   *
   * @throws org.dapt.error.InputException if stored tables are damaged
   */
  Page read() {
    List<LossCurve> losses = LossTable.read(spark, results);
    return new Page(
        facts(),
        notices(),
        results.evaluation().map(MetricLine::of).orElse(List.of()),
        TaskLine.of(results),
        results
            .evaluation()
            .map(
                evaluation ->
                    HeatMap.of(
                        "Score in per cent on each task (columns) after learning a task (rows)",
                        evaluation.matrix()))
            .orElse(null),
        results
            .evaluation()
            .flatMap(Evaluation::selection)
            .map(
                matrix ->
                    HeatMap.of(
                        "Selection accuracy in per cent on each task (columns) after learning a"
                            + " task (rows)",
                        matrix))
            .orElse(null),
        results.evaluation().map(this::attention).orElse(List.of()),
        results.unseen().stream().map(UnseenSection::of).toList(),
        results.evaluation().map(evaluation -> evaluation.tasks().size()).orElse(0),
        results.split(),
        results
            .evaluation()
            .map(
                evaluation ->
                    ForgottenTable.read(
                        spark,
                        results.run(),
                        task -> results.config().metric(task).text(),
                        evaluation.tasks()))
            .orElse(List.of()),
        losses,
        results.costs(),
        results.config().effective(),
        environment(),
        ChartData.of(results, losses),
        PageAssets.load());
  }

  private List<HeatMap> attention(Evaluation evaluation) {
    if (!results.weighsBlocks()) {
      return List.of();
    }
    List<HeatMap> maps = new ArrayList<>();
    for (int step : evaluation.steps()) {
      List<String> tasks = evaluation.tasks().subList(0, step);
      maps.add(
          HeatMap.of(
              "Mean attention weight of each block (columns) on the inputs of each task (rows),"
                  + " after "
                  + HeatMap.label(step - 1),
              tasks,
              AttentionTable.read(spark, results.run().results().attention(step), tasks)));
    }
    return maps;
  }

  private List<Fact> facts() {
    return List.of(
        new Fact("method", results.config().method().name()),
        new Fact("metric", results.metricText()),
        new Fact("seed", Long.toString(results.config().run().seed())),
        new Fact("tasks learnt", Integer.toString(results.learnt().size())),
        new Fact("run", results.run().root().getName()));
  }

  private List<String> notices() {
    List<String> learnt = results.learnt();
    int evaluated = results.evaluation().map(evaluation -> evaluation.tasks().size()).orElse(0);
    List<String> notices = new ArrayList<>();
    if (learnt.isEmpty()) {
      notices.add("No task is learnt yet. Run dapt run or dapt learn, then make this page again.");
    } else if (evaluated == 0) {
      notices.add(
          "Nothing is evaluated yet, so there are no scores here. Run dapt evaluate, then make this"
              + " page again.");
    } else if (evaluated < learnt.size()) {
      notices.add(
          "Learnt and not evaluated yet: %s. Scores are those after %s."
              .formatted(
                  String.join(", ", learnt.subList(evaluated, learnt.size())),
                  learnt.get(evaluated - 1)));
    }
    List<String> order = results.config().tasks().order();
    if (order.size() > learnt.size() && order.subList(0, learnt.size()).equals(learnt)) {
      notices.add(
          "The run is not finished. Still to be learnt: %s."
              .formatted(String.join(", ", order.subList(learnt.size(), order.size()))));
    }
    return notices;
  }

  private List<Fact> environment() {
    RunDirectory run = results.run();
    List<Fact> facts = new ArrayList<>();
    facts.add(new Fact("Run id", run.runId()));
    facts.add(new Fact("Run directory", run.root().toString()));
    facts.add(new Fact("Started with", "dapt " + run.identity().version()));
    results
        .evaluation()
        .ifPresent(
            evaluation -> {
              facts.add(
                  new Fact(
                      "First evaluation",
                      evaluation.first().truncatedTo(ChronoUnit.SECONDS).toString()));
              facts.add(
                  new Fact(
                      "Last evaluation",
                      evaluation.last().truncatedTo(ChronoUnit.SECONDS).toString()));
            });
    facts.add(new Fact("Seed", Long.toString(run.identity().seed())));
    facts.add(new Fact("Seed of splits", Long.toString(results.config().tasks().splitSeed())));
    facts.add(new Fact("Configuration, hash", run.identity().configHash()));
    facts.add(new Fact("Model, SHA-256", run.identity().modelSha256()));
    facts.add(new Fact("Tokenizer, SHA-256", run.identity().tokenizerSha256()));
    for (int i = 0; i < results.costs().size(); i++) {
      facts.add(
          new Fact(
              HeatMap.label(i) + ", SHA-256 of what was learnt",
              results.costs().get(i).training().sha256()));
    }
    facts.add(
        new Fact(
            "This page",
            "dapt %s, Spark %s, Java %s on %s %s"
                .formatted(
                    version,
                    spark.version(),
                    System.getProperty("java.version"),
                    System.getProperty("os.name"),
                    System.getProperty("os.arch"))));
    return facts;
  }
}
