package org.dapt.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.dapt.app.DryRun;
import org.dapt.app.DryRunItem;
import org.dapt.app.RunStanding;
import org.dapt.config.DaptConfig;
import org.dapt.cost.RunCost;
import org.dapt.error.DaptException;
import org.dapt.error.ExitCode;
import org.dapt.job.Sessions;

/** Says what a comparison would run, and what is there already. Starts and writes nothing. */
public final class ComparePlan {
  private final CellConfigs configs;
  private final Optional<Share> share;

  /** Of what was looked at and is to do. */
  private int toDo;

  private long steps;
  private double seconds;

  private ComparePlan(CellConfigs configs, Optional<Share> share) {
    this.configs = configs;
    this.share = share;
  }

  /**
   * Of {@code comparison}.
   *
   * @param parallel runs at once
   * @throws org.dapt.error.ConfigException if there cannot be as many
   */
  public static ComparePlan of(Comparison comparison, int parallel) {
    SparkConf conf = Sessions.conf(CellConfigs.first(comparison));
    return new ComparePlan(CellConfigs.of(comparison), CompareJob.share(conf, parallel));
  }

  /** An item for each trial and run, and one for what there is to do of all of them. */
  public List<DryRunItem> items() throws IOException {
    List<DryRunItem> items = new ArrayList<>();
    List<Cell> open = new Tuning(configs).open().stream().flatMap(List::stream).toList();
    for (Cell trial : configs.comparison().trials()) {
      items.add(
          open.contains(trial)
              ? item("tune", trial, "")
              : new DryRunItem("tune", trial.name(), DryRunItem.State.DONE, "settings are chosen"));
    }
    for (Cell cell : configs.comparison().runs()) {
      boolean isOpen = configs.needsChoice(cell) && configs.choice(cell).isEmpty();
      items.add(item("run", cell, isOpen ? ", settings are chosen first" : ""));
    }
    if (toDo > 0) {
      items.add(
          new DryRunItem(
              "cost",
              DryRun.COST_OF_ALL,
              DryRunItem.State.CHECKED,
              "%d %s to do, %,d steps, about %s%s"
                  .formatted(
                      toDo, toDo == 1 ? "run" : "runs", steps, RunCost.time(seconds), atOnce())));
    }
    return items;
  }

  /** What so many at once would take, each being as fast with its share of the cores. */
  private String atOnce() {
    int runs = Math.min(toDo, share.map(Share::runs).orElse(1));
    return runs < 2
        ? ""
        : " one after the other, %s where %d at once are as fast as one"
            .formatted(RunCost.time(seconds / runs), runs);
  }

  private DryRunItem item(String what, Cell cell, String note) throws IOException {
    try {
      DaptConfig config = configs.soFar(cell);
      RunStanding standing = RunStanding.of(config);
      if (standing.isDone()) {
        return new DryRunItem(
            what, cell.name(), DryRunItem.State.DONE, standing.tasks() + " tasks");
      }
      share.ifPresent(each -> each.check(config));
      DryRun dry = new DryRun(config, share.map(Share::cores).orElse(0));
      List<DryRunItem> found = dry.run();
      Optional<DryRunItem> missing =
          found.stream().filter(item -> item.state() == DryRunItem.State.MISSING).findFirst();
      if (missing.isPresent()) {
        return new DryRunItem(what, cell.name(), DryRunItem.State.MISSING, missing.get().detail());
      }
      toDo++;
      steps += dry.steps();
      seconds += dry.seconds();
      String cost =
          found.stream()
              .filter(item -> item.subject().equals(DryRun.COST_OF_ALL))
              .map(item -> ", " + item.detail().replaceFirst(" of .*", ""))
              .findFirst()
              .orElse("");
      return new DryRunItem(
          what,
          cell.name(),
          DryRunItem.State.TO_DO,
          "%d of %d tasks learnt, %d steps to go%s%s"
              .formatted(standing.learnt(), standing.tasks(), dry.steps(), cost, note));
    } catch (DaptException e) {
      return new DryRunItem(
          what,
          cell.name(),
          e.exitCode() == ExitCode.CONFIGURATION
              ? DryRunItem.State.REFUSED
              : DryRunItem.State.MISSING,
          e.getMessage());
    }
  }
}
