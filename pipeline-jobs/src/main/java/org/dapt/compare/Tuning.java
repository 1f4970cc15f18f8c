package org.dapt.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.dapt.app.RunStanding;
import org.dapt.config.DaptConfig;
import org.dapt.data.reader.Split;
import org.dapt.error.DaptException;
import org.dapt.error.ExitCode;
import org.dapt.error.InputException;
import org.dapt.run.RunFolder;
import org.dapt.score.ScoreRow;
import org.dapt.score.ScoreTable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the settings of methods by the scores of their trials: the mean over the tasks of the
 * score on the dev set after the last one, so that what forgets does not win. Several processes may
 * try settings of the same comparison: what each writes is made of run directories alone.
 */
final class Tuning {
  private static final Logger LOG = LoggerFactory.getLogger(Tuning.class);

  /** After these a trial has no result: another process has it, or it could not begin. */
  private static final Set<Integer> UNDECIDED =
      Set.of(ExitCode.OK.code(), ExitCode.CONFIGURATION.code(), ExitCode.LEASE.code());

  private final CellConfigs configs;

  Tuning(CellConfigs configs) {
    this.configs = configs;
  }

  /** Each method and setting whose choice is not kept yet, by its trials. */
  List<List<Cell>> open() throws IOException {
    List<List<Cell>> open = new ArrayList<>();
    for (List<Cell> trials : together()) {
      if (!isKept(trials)) {
        open.add(trials);
      } else if (!configs.isOfTrials(configs.choice(trials.get(0)).orElseThrow(), trials.get(0))) {
        LOG.warn(
            "What was chosen for {} was tried with another grid, order, seed or configuration. It stays, because runs have begun with it: to choose anew delete {} and these runs",
            trials.get(0).tunedTogether(),
            configs.comparison().places().chosen(trials.get(0)));
      }
    }
    return open;
  }

  /** Those of the {@code open} trials that are to be tried, or are done. */
  List<Cell> toTry(List<List<Cell>> open) {
    List<Cell> all = new ArrayList<>();
    for (List<Cell> trials : open) {
      Set<String> diverged = diverged(trials);
      trials.stream().filter(trial -> !diverged.contains(trial.name())).forEach(all::add);
    }
    return all;
  }

  /** What there is to say of trials that all diverged before, and are not tried again. */
  List<CellEnd> hopeless() {
    List<CellEnd> ends = new ArrayList<>();
    for (List<Cell> trials : together()) {
      if (diverged(trials).size() == trials.size()) {
        Places places = configs.comparison().places();
        for (Cell trial : trials) {
          ends.add(
              new CellEnd(
                  trial,
                  ExitCode.TRAINING.code(),
                  "Its training failed before, and it is not tried again: correct compare.tune.grid, or delete %s."
                      .formatted(places.chosen(trial)),
                  places.log(trial).toString()));
        }
      }
    }
    return ends;
  }

  private boolean isKept(List<Cell> trials) {
    Optional<Choice> kept = configs.choice(trials.get(0));
    return kept.isPresent()
        && (kept.get().isSettled()
            || (kept.get().best().isPresent() && configs.isUsed(trials.get(0))));
  }

  private Set<String> diverged(List<Cell> trials) {
    return configs.choice(trials.get(0)).stream()
        .flatMap(choice -> choice.tried().stream())
        .filter(Choice.Tried::hasDiverged)
        .map(Choice.Tried::run)
        .collect(Collectors.toSet());
  }

  /**
   * Chooses among {@code open} trials and keeps what was chosen. Where not all trials of a method
   * and setting have a result, nothing is chosen for it.
   *
   * @param spark reads the scores of trials that are done; not asked for where there are none
   * @param ends of those that were run now
   * @return what went wrong
   */
  List<CellEnd> choose(Supplier<SparkSession> spark, List<List<Cell>> open, List<CellEnd> ends)
      throws IOException {
    Map<String, CellEnd> byName = new HashMap<>();
    ends.forEach(end -> byName.put(end.cell().name(), end));
    List<CellEnd> wrong = new ArrayList<>();
    for (List<Cell> trials : open) {
      // Another process may have chosen, and begun with that.
      if (!isKept(trials)) {
        choice(spark, trials, byName, wrong).ifPresent(choice -> keep(choice, trials.get(0)));
      }
    }
    return wrong;
  }

  private void keep(Choice choice, Cell trial) {
    choice.write(configs.files(), configs.comparison().places().chosen(trial));
    choice
        .best()
        .ifPresentOrElse(
            best ->
                LOG.info(
                    "Chosen for {} of {} tried: {} ({} on dev)",
                    trial.tunedTogether(),
                    choice.tried().size(),
                    best.values(),
                    String.format(Locale.ROOT, "%.2f", best.score())),
            () -> LOG.error("All trials for {} failed", trial.tunedTogether()));
  }

  /** Empty where one of {@code trials} has no result. */
  private Optional<Choice> choice(
      Supplier<SparkSession> spark,
      List<Cell> trials,
      Map<String, CellEnd> ends,
      List<CellEnd> wrong)
      throws IOException {
    Set<String> diverged = diverged(trials);
    List<Choice.Tried> tried = new ArrayList<>();
    for (Cell trial : trials) {
      Double score = null;
      Integer code = null;
      if (isDone(trial)) {
        try {
          score = score(spark.get(), trial);
        } catch (InputException e) {
          String folder = configs.comparison().places().run(trial).toString();
          wrong.add(new CellEnd(trial, e.exitCode().code(), e.getMessage(), folder));
          return Optional.empty();
        }
      } else {
        CellEnd end = ends.get(trial.name());
        if (diverged.contains(trial.name())) {
          code = ExitCode.TRAINING.code();
        } else if (end == null || UNDECIDED.contains(end.code())) {
          return Optional.empty();
        } else if (!end.mayTrainNextTime()) {
          code = end.code();
        }
      }
      tried.add(
          new Choice.Tried(
              trial.name(), trial.values(), score, configs.comparison().configHash(trial), code));
    }
    return Optional.of(new Choice(tried));
  }

  /** As the run directory says: another process may have done it, whatever became of it here. */
  private boolean isDone(Cell trial) throws IOException {
    try {
      return RunStanding.of(configs.of(trial)).isDone();
    } catch (DaptException e) {
      return false;
    }
  }

  private Collection<List<Cell>> together() {
    Map<String, List<Cell>> together = new LinkedHashMap<>();
    for (Cell trial : configs.comparison().trials()) {
      together.computeIfAbsent(trial.tunedTogether(), name -> new ArrayList<>()).add(trial);
    }
    return together.values();
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
    for (String task : trial.tasks()) {
      if (!byTask.containsKey(task)) {
        throw new InputException(
            "%s has no %s of task %s on its dev set after step %d, by which compare.tune chooses. Delete the folder of this trial, and run the comparison again."
                .formatted(scores, config.metric(task).text(), task, last));
      }
    }
    return trial.tasks().stream().mapToDouble(byTask::get).average().orElseThrow();
  }
}
