package org.dapt.sink;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import org.apache.spark.util.CollectionAccumulator;
import org.dapt.train.StepRecord;

/**
 * Where rank 0 puts its steps for the driver to see while the task is learnt: Spark's accumulator,
 * whose content executors send along with their heartbeats. It holds nothing but what every JVM
 * knows, for Spark's own threads read it.
 *
 * @param window null where nobody looks
 */
public record StepFeed(CollectionAccumulator<Map<String, Double>> window) implements Serializable {
  /** Nobody looks. */
  public static final StepFeed NONE = new StepFeed(null);

  /**
   * The newest steps that a heartbeat carries at least; it carries fewer than twice as many. More
   * of them between two heartbeats are seen when the task is learnt.
   */
  static final int KEPT = 1024;

  /** Puts a step of this rank. */
  public void add(StepRecord step) {
    if (window == null) {
      return;
    }
    if (window.value().size() >= 2 * KEPT) {
      List<Map<String, Double>> all = List.copyOf(window.value());
      window.reset();
      all.subList(all.size() - KEPT + 1, all.size()).forEach(window::add);
    }
    window.add(step.values());
  }
}
