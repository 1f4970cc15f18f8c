package org.dapt.compare;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.config.DaptConfig;
import org.dapt.error.ConfigException;
import org.dapt.job.Sessions;
import org.dapt.run.RunDirectory;

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
      return inPlace(comparison.config(cell, Map.of()));
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
    return inPlace(comparison.config(cell, choice.values()));
  }

  /** The same, without what is chosen where that is not known yet. */
  public DaptConfig soFar(Cell cell) {
    return inPlace(
        comparison.config(
            cell,
            needsChoice(cell) ? choice(cell).map(Choice::values).orElse(Map.of()) : Map.of()));
  }

  /**
   * A run goes on with the prepared data that it has begun with, though others would lie elsewhere
   * now because their files or the model were moved.
   */
  private DaptConfig inPlace(DaptConfig config) {
    try {
      return RunDirectory.existing(hadoop, new Path(config.run().dir()))
          .map(run -> config.withData(run.data().toString()))
          .orElse(config);
    } catch (ConfigException e) {
      // Whoever opens the run says what is wrong with it, and of which method it is.
      return config;
    }
  }

  /** Whether the settings of {@code cell} are chosen by trials. */
  public boolean needsChoice(Cell cell) {
    return !cell.isTrial() && comparison.settings().tune().tries(cell.method());
  }

  /**
   * What was tried for the method of {@code cell}, if all of that is over; empty too where that was
   * with another configuration, unless runs have begun with what was chosen.
   */
  public Optional<Choice> choice(Cell cell) {
    return Choice.read(files(), comparison.places().chosen(cell))
        .filter(choice -> isOfTrials(choice, cell) || (choice.best().isPresent() && isUsed(cell)));
  }

  /** Whether {@code choice} was made of what would be tried now for the method of {@code cell}. */
  boolean isOfTrials(Choice choice, Cell cell) {
    return choice.isOf(comparison.trials(cell.method(), cell.setting()), comparison::configHash);
  }

  /**
   * Whether any run has begun with what was chosen for the method of {@code cell}: it would be
   * refused with anything else.
   */
  boolean isUsed(Cell cell) {
    for (Cell run : comparison.runs()) {
      if (run.tunedTogether().equals(cell.tunedTogether()) && hasBegun(run)) {
        return true;
      }
    }
    return false;
  }

  private boolean hasBegun(Cell run) {
    Path file = new Path(comparison.places().run(run), RunDirectory.RUN_FILE);
    try {
      return files().exists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("It is not known whether there is " + file, e);
    }
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
