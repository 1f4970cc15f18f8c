package org.dapt.train;

import java.io.Serializable;
import java.util.List;
import org.bytedeco.pytorch.Generator;
import org.dapt.backbone.Adaptation;
import org.dapt.method.Example;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;

/**
 * The dropout of the frozen model's own layers while a task is learnt. What is dropped of an
 * example follows from these values, the step and the example alone: it is the same in every batch,
 * with every padding and on every rank.
 *
 * @param rate probability that a component is dropped, above 0 and below 1
 * @param seed of the run
 * @param task that is learnt
 */
public record ModelDropout(double rate, long seed, String task) implements Serializable {
  /**
   * {@code inner} over layers that drop.
   *
   * @param examples of the batch, in its order
   * @param step from 1
   * @param placement of the model
   */
  Adaptation over(Adaptation inner, List<Example> examples, long step, Placement placement) {
    List<Generator> generators =
        examples.stream()
            .map(
                example ->
                    Placement.generator(
                        KeyedRandom.of(
                                seed, "model dropout", task, step, example.id(), example.row())
                            .nextLong()))
            .toList();
    return new DroppedLayers(inner, rate, examples, generators, placement);
  }
}
