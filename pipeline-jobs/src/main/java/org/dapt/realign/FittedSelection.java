package org.dapt.realign;

import java.io.Serializable;
import java.util.List;

/**
 * What an engine came to.
 *
 * @param values keys and query network after the last step
 * @param losses the loss before the first step, and after each step or some of them, the last one
 *     included; all finite
 */
public record FittedSelection(SelectionValues values, List<Double> losses) implements Serializable {
  /** Keeps a copy. */
  public FittedSelection {
    losses = List.copyOf(losses);
  }

  /** The loss before the first step. */
  public double before() {
    return losses.get(0);
  }

  /** The loss after the last step. */
  public double after() {
    return losses.get(losses.size() - 1);
  }
}
