package org.dapt.compare;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.dapt.config.DaptConfig;
import org.dapt.data.reader.Split;
import org.dapt.run.RunFolder;
import org.dapt.score.ScoreRow;
import org.dapt.score.ScoreTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the settings of methods by the scores of their trials: the mean over the tasks of the
 * score on the dev set after the last one, so that what forgets does not win.
 */
final class Tuning {
  private static final Logger LOG = LoggerFactory.getLogger(Tuning.class);

  private final CellConfigs configs;

  Tuning(CellConfigs configs) {
    this.configs = configs;
  }

  /** The trials whose results are not kept as a choice yet. */
  List<Cell> open() {
    List<Cell> open = new ArrayList<>();
    for (List<Cell> trials : together().values()) {
      Optional<Choice> kept = configs.choice(trials.get(0));
      if (kept.isEmpty() || !kept.get().isOf(trials)) {
        open.addAll(trials);
      }
    }
    return open;
  }

  /**
   * Chooses among {@code open} trials and keeps what was chosen.
   *
   * @param failed names of those that failed
   */
  void choose(SparkSession spark, List<Cell> open, List<String> failed) {
    for (List<Cell> trials : together().values()) {
      if (!open.contains(trials.get(0))) {
        continue;
      }
      List<Choice.Tried> tried = new ArrayList<>();
      for (Cell trial : trials) {
        Double score = failed.contains(trial.name()) ? null : score(spark, trial);
        tried.add(new Choice.Tried(trial.name(), trial.values(), score));
      }
      Choice choice = new Choice(tried);
      choice.write(configs.files(), configs.comparison().places().chosen(trials.get(0)));
      choice
          .best()
          .ifPresentOrElse(
              best ->
                  LOG.info(
                      "Chosen for {} of {} tried: {} ({} on dev)",
                      trials.get(0).tunedTogether(),
                      tried.size(),
                      best.values(),
                      String.format(Locale.ROOT, "%.2f", best.score())),
              () -> LOG.error("All trials for {} failed", trials.get(0).tunedTogether()));
    }
  }

  private Map<String, List<Cell>> together() {
    Map<String, List<Cell>> together = new LinkedHashMap<>();
    for (Cell trial : configs.comparison().trials()) {
      together.computeIfAbsent(trial.tunedTogether(), name -> new ArrayList<>()).add(trial);
    }
    return together;
  }

  private double score(SparkSession spark, Cell trial) {
    DaptConfig config = configs.of(trial);
    Path scores = RunFolder.SCORES.in(configs.comparison().places().run(trial));
    int last = trial.tasks().size();
    Map<String, Double> byTask = new HashMap<>();
    for (ScoreRow row : ScoreTable.read(spark, scores)) {
      if (row.step() == last
          && row.split().equals(Split.DEV.folder())
          && row.metric().equals(config.metric(row.evaluatedTask()).text())) {
        byTask.put(row.evaluatedTask(), row.value());
      }
    }
    return trial.tasks().stream().mapToDouble(byTask::get).average().orElseThrow();
  }
}
