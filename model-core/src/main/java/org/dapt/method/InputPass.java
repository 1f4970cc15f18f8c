package org.dapt.method;

import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Source;

/**
 * A pass over a task's examples, for what a method has to know of all of them together. What the
 * examples give is added up over batches, shards and ranks; every rank takes the same sums.
 */
public interface InputPass {
  /** The examples that are passed over. */
  enum Over {
    /** Those that are learnt from. */
    TRAINING,
    /** The dev split. */
    DEV
  }

  /** What is passed over. */
  Over over();

  /** At most so many examples of each shard, the first of them, are passed over. */
  default int mostOfShard() {
    return Integer.MAX_VALUE;
  }

  /** How many numbers are added up. */
  int entries();

  /**
   * What some examples add, in float64, {@code [entries]}, on the model's device; each example adds
   * the same whatever the others are. Gradients are switched off, and the caller's scope is open.
   *
   * @param source the inputs of {@code examples}
   */
  Tensor of(Source source, List<Example> examples);

  /**
   * Takes the sums over all examples of all ranks, {@code [entries]}, in this process's memory and
   * the caller's scope.
   */
  void take(Tensor sums);

  /**
   * A pass to be made next, asked for when this one has taken its sums; null for none. So sums that
   * are too large to be held at once are made one part after the other.
   */
  default InputPass then() {
    return null;
  }
}
