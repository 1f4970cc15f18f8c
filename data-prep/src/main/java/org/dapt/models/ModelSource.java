package org.dapt.models;

import java.io.Serializable;
import org.dapt.tensor.Placement;

/**
 * Where executors find the base model.
 *
 * @param path a Hugging Face model folder: a local path that every executor has, or a URI of a
 *     Hadoop file system
 * @param placement where each of them puts its weights, and of which types
 * @param beginOfText whether the tokens of an input begin as the model's tokenizer begins a text;
 *     otherwise without what its template puts in front
 */
public record ModelSource(String path, Placement placement, boolean beginOfText)
    implements Serializable {
  /** With inputs that begin as the tokenizer begins a text. */
  public ModelSource(String path, Placement placement) {
    this(path, placement, true);
  }
}
