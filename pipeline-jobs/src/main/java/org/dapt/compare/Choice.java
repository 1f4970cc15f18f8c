package org.dapt.compare;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.dapt.data.file.JsonFile;
import org.dapt.error.ExitCode;
import org.dapt.error.InputException;
import org.dapt.io.JsonObjects;

/**
 * What was tried for a method in a setting, and what counts for its runs. A small file keeps it.
 *
 * @param tried all trials, in the order of the grid
 */
public record Choice(List<Tried> tried) {
  private static final String FORMAT = "1";

  /**
   * One trial.
   *
   * @param run name of its run
   * @param values by key, as HOCON
   * @param score mean score on the dev sets in per cent; null where it failed
   * @param configHash of the configuration that it had; null where an older version wrote it
   * @param code what it exited with where it failed; null where it did not, where it is not known,
   *     and where training failed without diverging
   */
  public record Tried(
      String run, SortedMap<String, String> values, Double score, String configHash, Integer code) {
    /** Whether it would end in the same way again: what diverges once does so always. */
    boolean isFinal() {
      return score != null || hasDiverged();
    }

    /** Whether its training failed. */
    boolean hasDiverged() {
      return score == null && code != null && code == ExitCode.TRAINING.code();
    }
  }

  /** Keeps a copy. */
  public Choice {
    tried = List.copyOf(tried);
  }

  /** The one with the best score, of equal ones the first; empty where all failed. */
  public Optional<Tried> best() {
    Tried best = null;
    for (Tried one : tried) {
      if (one.score() != null && (best == null || one.score() > best.score())) {
        best = one;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The values of the best one; none where all failed. */
  Map<String, String> values() {
    return best().map(Tried::values).orElseGet(TreeMap::new);
  }

  /** Whether nothing is to be tried again. */
  boolean isSettled() {
    return tried.stream().allMatch(Tried::isFinal);
  }

  /**
   * Whether just {@code trials} were tried.
   *
   * @param configHash what the configuration of each of them hashes to now
   */
  boolean isOf(List<Cell> trials, Function<Cell, String> configHash) {
    if (!names(tried, Tried::run).equals(names(trials, Cell::name))) {
      return false;
    }
    for (int i = 0; i < trials.size(); i++) {
      String had = tried.get(i).configHash();
      if (had != null && !had.equals(configHash.apply(trials.get(i)))) {
        return false;
      }
    }
    return true;
  }

  private static <T> List<String> names(List<T> of, Function<T, String> name) {
    return of.stream().map(name).toList();
  }

  /**
   * The choice in {@code file}; empty where there is none.
   *
   * @throws InputException if it is damaged
   */
  static Optional<Choice> read(FileSystem files, Path file) {
    try {
      ObjectNode object = JsonFile.read(files, file);
      List<Tried> tried = new ArrayList<>();
      for (JsonNode one : object.path("tried")) {
        SortedMap<String, String> values = new TreeMap<>();
        one.path("values")
            .fields()
            .forEachRemaining(value -> values.put(value.getKey(), value.getValue().asText()));
        tried.add(
            new Tried(
                JsonObjects.text(one, "run"),
                values,
                one.path("score").isNumber() ? one.path("score").doubleValue() : null,
                one.path("config_hash").textValue(),
                one.path("code").isInt() ? one.path("code").intValue() : null));
      }
      return Optional.of(new Choice(tried));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    } catch (JsonObjects.DamagedException e) {
      throw new InputException(
          "%s is damaged: %s. Delete it: what was tried is not tried again."
              .formatted(file, e.getMessage()),
          e);
    } catch (IOException e) {
      throw new UncheckedIOException("The choice " + file + " could not be read", e);
    }
  }

  /** Writes it as {@code file}. */
  void write(FileSystem files, Path file) {
    ObjectNode object = JsonObjects.create();
    object.put("format", FORMAT);
    ArrayNode all = object.putArray("tried");
    for (Tried one : tried) {
      ObjectNode trial = all.addObject();
      trial.put("run", one.run());
      one.values().forEach(trial.putObject("values")::put);
      trial.put("score", one.score());
      trial.put("config_hash", one.configHash());
      if (one.code() != null) {
        trial.put("code", one.code());
      }
    }
    object.put("chosen", best().map(Tried::run).orElse(null));
    try {
      JsonFile.write(files, file, object);
    } catch (IOException e) {
      throw new UncheckedIOException("The choice " + file + " could not be written", e);
    }
  }
}
