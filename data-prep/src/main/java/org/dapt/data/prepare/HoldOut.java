package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.error.InputException;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;

/**
 * Which rows are held out: a seeded draw of {@code held} out of {@code rows} rows.
 *
 * @param rows rows to draw from
 * @param held rows drawn
 * @param splitSeed seed of the draw
 * @param task task of the draw, part of the key
 */
record HoldOut(long rows, long held, long splitSeed, String task) implements Serializable {
  /**
   * A draw of about {@code share} of the rows, at least one and never all.
   *
   * @throws InputException if there are fewer than two rows
   */
  static HoldOut of(long rows, double share, long splitSeed, String task) {
    if (rows < 2) {
      throw new InputException(
          ("Task %s has %d training instance and no dev split of its own: expected at least 2"
                  + " instances, one of which can be held out as dev. Add training instances or a dev"
                  + " file.")
              .formatted(task, rows));
    }
    long held = Math.min(rows - 1, Math.max(1, Math.round(share * rows)));
    return new HoldOut(rows, held, splitSeed, task);
  }

  /** Starts over at the first row: what is taken is held out. */
  Draw draw() {
    return new Draw(held, rows, KeyedRandom.of(splitSeed, "hold-out", task));
  }
}
