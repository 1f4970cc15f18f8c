package org.dapt.method;

import java.io.Serializable;

/**
 * A tokenised example.
 *
 * @param id how messages name it: the name that its file gives it
 * @param row its place in the data of its task, from 0; what is drawn for it follows from it
 * @param source token ids of the input, not empty
 * @param target token ids of the answer, end token included, not empty
 * @param earlier whether it is of an earlier task than the one that is learnt
 * @param recollection what a method learns in order to make such an example up later, see {@link
 *     Recollection}: its source is what is asked, its target the example as a text; null for
 *     methods that make none up
 */
public record Example(
    String id, long row, int[] source, int[] target, boolean earlier, Example recollection)
    implements Serializable {
  /** An example of the task that is learnt. */
  public Example(String id, long row, int[] source, int[] target) {
    this(id, row, source, target, false, null);
  }

  /** An example of which nothing is drawn. */
  public Example(String id, int[] source, int[] target) {
    this(id, 0, source, target);
  }

  /**
   * Its longest side in tokens, that of its recollection included: sources are padded to the
   * longest of their batch, and so are targets.
   */
  public int longestSide() {
    int own = Math.max(source.length, target.length);
    return recollection == null ? own : Math.max(own, recollection.longestSide());
  }
}
