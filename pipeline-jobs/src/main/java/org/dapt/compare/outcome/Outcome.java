package org.dapt.compare.outcome;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.dapt.compare.Cell;
import org.dapt.compare.CellConfigs;
import org.dapt.compare.Choice;

/**
 * What a comparison has come to so far.
 *
 * @param runs all of them, also those that are not done
 * @param methods their figures over seeds
 * @param pairs each method against each other
 * @param choices what was tried, by method and setting
 * @param notes sentences about what is left out
 */
public record Outcome(
    List<RunFigures> runs,
    List<MethodFigures> methods,
    List<Pair> pairs,
    Map<String, Choice> choices,
    List<String> notes) {
  /**
   * Reads the run directories. What is wrong with one of them is told by its state or a note.
   *
   * @throws org.dapt.error.InputException if a file of what was chosen is damaged
   */
  public static Outcome read(SparkSession spark, CellConfigs configs) throws IOException {
    RunReader reader = new RunReader(spark, configs);
    List<RunFigures> runs = new ArrayList<>();
    Map<String, Choice> choices = new LinkedHashMap<>();
    for (Cell cell : configs.comparison().runs()) {
      runs.add(reader.read(cell));
      if (configs.needsChoice(cell)) {
        configs
            .choice(cell)
            .ifPresent(choice -> choices.put(cell.method() + "." + cell.setting(), choice));
      }
    }
    List<RunFigures> all = reader.withTransfer(runs);
    List<String> notes = new ArrayList<>(MethodFigures.lacking(all));
    List<Pair> pairs = new Pairs(spark, configs).of(all, reader.unseen(), notes);
    return new Outcome(all, MethodFigures.of(all), pairs, choices, notes);
  }
}
