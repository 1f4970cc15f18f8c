package org.dapt.method;

import java.io.Serializable;

/**
 * A tokenised example.
 *
 * @param id how messages name it: the name that its file gives it
 * @param row its place in the data of its task, from 0; what is drawn for it follows from it
 * @param source token ids of the input, not empty
 * @param target token ids of the answer, end token included, not empty
 */
public record Example(String id, long row, int[] source, int[] target) implements Serializable {
  /** An example of which nothing is drawn. */
  public Example(String id, int[] source, int[] target) {
    this(id, 0, source, target);
  }
}
