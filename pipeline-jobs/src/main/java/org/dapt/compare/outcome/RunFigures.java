package org.dapt.compare.outcome;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import org.dapt.compare.Cell;

/**
 * What one run of a comparison has come to.
 *
 * @param cell the run
 * @param folder its run directory
 * @param state {@link #DONE}, or how far it is and why it does not count
 * @param samples what it keeps of earlier tasks: none, real, given or generated; empty where it is
 *     not done
 * @param measures figures; one that cannot be told is left out, and so are all where it is not done
 */
public record RunFigures(
    Cell cell, String folder, String state, String samples, Map<Measure, Double> measures) {
  /** The state of a run that counts. */
  public static final String DONE = "done";

  /** Keeps a copy. */
  public RunFigures {
    Map<Measure, Double> copy = new EnumMap<>(Measure.class);
    copy.putAll(measures);
    measures = Collections.unmodifiableMap(copy);
  }

  /** Whether it counts. */
  public boolean isDone() {
    return state.equals(DONE);
  }
}
