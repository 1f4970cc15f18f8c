package org.dapt.backbone;

import java.util.List;

/**
 * What goes into a linear layer. Layers that take the same tensor have equal inputs: the queries,
 * keys and values of an attention over itself, or what every layer of a decoder reads of an
 * encoder.
 *
 * @param name by which inputs of one model are told apart
 * @param positions what its positions are where an answer is learnt from
 */
public record LayerInput(String name, Positions positions) {
  /** What the positions of an input are, each example padded on the right. */
  public enum Positions {
    /** The tokens of the source. */
    SOURCE,
    /** The tokens of the target, moved by one. */
    TARGET,
    /** The tokens of the source and those of the target behind it, but for the last. */
    BOTH
  }

  /** How many of the first positions of each example are real, in {@link Backbone#targetLogits}. */
  public long[] lengths(Batch batch) {
    List<int[]> sources = batch.source().tokens();
    long[] lengths = new long[sources.size()];
    for (int i = 0; i < lengths.length; i++) {
      int source = sources.get(i).length;
      int target = batch.targets().get(i).length;
      lengths[i] =
          switch (positions) {
            case SOURCE -> source;
            case TARGET -> target;
            case BOTH -> source + target - 1;
          };
    }
    return lengths;
  }
}
