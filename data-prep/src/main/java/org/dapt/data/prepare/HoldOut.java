package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.data.reader.Split;
import org.dapt.error.InputException;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;

/**
 * Which rows are held out: a seeded draw of {@code held} out of {@code rows} rows.
 *
 * @param split what the drawn rows become, dev or test
 * @param rows rows to draw from
 * @param held rows drawn
 * @param splitSeed seed of the draw
 * @param task task of the draw, part of the key
 */
record HoldOut(Split split, long rows, long held, long splitSeed, String task)
    implements Serializable {
  /**
   * A draw of about {@code share} of the rows, at least one and never all.
   *
   * @throws InputException if there are fewer than two rows
   */
  static HoldOut of(Split split, long rows, double share, long splitSeed, String task) {
    if (rows < 2) {
      throw new InputException(
          ("Task %s has %d training instance and no %s split of its own: expected at least 2"
                  + " instances, one of which can be held out as %3$s. Add training instances or a"
                  + " %3$s file.")
              .formatted(task, rows, split.folder()));
    }
    long held = Math.min(rows - 1, Math.max(1, Math.round(share * rows)));
    return new HoldOut(split, rows, held, splitSeed, task);
  }

  /** Starts over at the first row: what is taken is held out. */
  Draw draw() {
    // The key of dev is that of the first version.
    return new Draw(
        held,
        rows,
        KeyedRandom.of(splitSeed, split == Split.DEV ? "hold-out" : "hold-out-test", task));
  }
}
