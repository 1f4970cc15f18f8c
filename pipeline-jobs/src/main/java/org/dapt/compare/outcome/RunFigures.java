package org.dapt.compare.outcome;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.compare.Cell;

/**
 * What one run of a comparison has come to.
 *
 * @param cell the run
 * @param folder its run directory
 * @param state {@link #DONE}, or how far it is and why it does not count
 * @param samples what it keeps of earlier tasks, the kind of {@link KeptSamples}; empty where it is
 *     not done
 * @param measures figures; one that cannot be told is left out, and so are all where it is not done
 * @param unseen ROUGE-L on tasks that it has not learnt, the mean over the tasks of each category
 */
public record RunFigures(
    Cell cell,
    String folder,
    String state,
    String samples,
    Map<Measure, Double> measures,
    SortedMap<UnseenCategory, Double> unseen) {
  /** The state of a run that counts. */
  public static final String DONE = "done";

  /** Keeps copies. */
  public RunFigures {
    Map<Measure, Double> copy = new EnumMap<>(Measure.class);
    copy.putAll(measures);
    measures = Collections.unmodifiableMap(copy);
    unseen = Collections.unmodifiableSortedMap(new TreeMap<>(unseen));
  }

  /** Whether it counts. */
  public boolean isDone() {
    return state.equals(DONE);
  }
}
