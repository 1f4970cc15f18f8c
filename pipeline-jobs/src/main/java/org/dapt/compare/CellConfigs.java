package org.dapt.compare;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.job.Sessions;

/**
 * The configurations of the runs of a comparison with what was chosen for their methods.
 *
 * @param comparison the runs
 * @param hadoop the settings of the file systems
 */
public record CellConfigs(Comparison comparison, Configuration hadoop) {
  /** Those of {@code comparison} on the file systems that its configurations know. */
  public static CellConfigs of(Comparison comparison) {
    return new CellConfigs(comparison, Sessions.hadoop(Sessions.conf(first(comparison))));
  }

  /**
   * The configuration of any of its runs: what they have in common, Spark and file systems, it has
   * too.
   */
  static DaptConfig first(Comparison comparison) {
    return comparison.config(comparison.runs().get(0), Map.of());
  }

  /**
   * The configuration of {@code cell}.
   *
   * @throws ConfigException if settings are yet to be chosen for it, or none of them worked
   */
  public DaptConfig of(Cell cell) {
    if (!needsChoice(cell)) {
      return comparison.config(cell, Map.of());
    }
    Choice choice =
        choice(cell)
            .orElseThrow(
                () ->
                    new ConfigException(
                        "The settings of %s are not chosen yet for this configuration: compare.tune tries some first. Run dapt compare without --cell, or with --tune-only."
                            .formatted(cell.tunedTogether())));
    if (choice.best().isEmpty()) {
      throw new ConfigException(
          "None of the settings that compare.tune tries for %s worked: see their logs, and correct compare.tune.grid."
              .formatted(cell.tunedTogether()));
    }
    return comparison.config(cell, choice.values());
  }

  /** The same, without what is chosen where that is not known yet. */
  public DaptConfig soFar(Cell cell) {
    return comparison.config(
        cell, needsChoice(cell) ? choice(cell).map(Choice::values).orElse(Map.of()) : Map.of());
  }

  /** Whether the settings of {@code cell} are chosen by trials. */
  public boolean needsChoice(Cell cell) {
    return !cell.isTrial() && comparison.settings().tune().tries(cell.method());
  }

  /**
   * What was tried for the method of {@code cell}, if all of that is over; empty too where that was
   * with another configuration.
   */
  public Optional<Choice> choice(Cell cell) {
    List<Cell> trials = comparison.trials(cell.method(), cell.setting());
    return Choice.read(files(), comparison.places().chosen(cell))
        .filter(choice -> choice.isOf(trials, comparison::configHash));
  }

  /** Whether one of the trials for the method of {@code cell} was chosen. */
  public boolean isChosen(Cell cell) {
    return choice(cell).flatMap(Choice::best).isPresent();
  }

  /** The file system of the comparison. */
  public FileSystem files() {
    try {
      return comparison.places().dir().getFileSystem(hadoop);
    } catch (IOException e) {
      throw new ConfigException(
          "compare.dir = %s cannot be used: %s. Give a folder that can be created and written."
              .formatted(comparison.places().dir(), e.getMessage()),
          e);
    }
  }
}
