package org.dapt.data.prepare;

import java.io.Serializable;
import org.dapt.data.reader.Split;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;

/**
 * Which rows of a split are taken where a task is not to have all of them: a seeded draw of {@code
 * kept} out of {@code rows} rows, which stay in their order.
 *
 * @param rows rows of the split, behind the hold-out
 * @param kept rows taken
 * @param splitSeed seed of the draw
 * @param split part of the key, as the task is
 */
record SplitCut(long rows, long kept, long splitSeed, Split split, String task)
    implements Serializable {
  /**
   * The cut of a split to at most {@code most} rows.
   *
   * @return null where all rows are taken: {@code most} is 0 or not below {@code rows}
   */
  static SplitCut of(long rows, int most, long splitSeed, Split split, String task) {
    return most == 0 || rows <= most ? null : new SplitCut(rows, most, splitSeed, split, task);
  }

  /** Starts over at the first row. */
  Draw draw() {
    return new Draw(kept, rows, KeyedRandom.of(splitSeed, "max-" + split.folder(), task));
  }
}
