package org.dapt.train;

import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Adaptation.Effect;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Projection;
import org.dapt.method.Example;
import org.dapt.pet.DroppedInput;
import org.dapt.random.KeyedRandom;

/**
 * The dropout of what LoRA blocks see while a task is learnt: x in front of A, as PEFT's {@code
 * lora_dropout}. All blocks of a projection, those that are frozen too, see the same. What is
 * dropped of an example follows from these values, the step and the example alone.
 *
 * @param rate probability that a component is dropped, above 0 and below 1
 * @param seed of the run
 * @param task that is learnt
 */
public record BlockDropout(double rate, long seed, String task) implements Serializable {
  /**
   * {@code inner} behind the dropout, at all projections that it adds something to.
   *
   * @param examples of the batch, in its order
   * @param step from 1
   */
  Adaptation over(Adaptation inner, List<Example> examples, long step, Backbone backbone) {
    List<Projection> adapted =
        backbone.projections().stream()
            .filter(projection -> inner.effect(projection.name()) != Effect.NONE)
            .toList();
    if (adapted.isEmpty()) {
      return inner;
    }
    List<RandomGenerator> generators =
        examples.stream()
            .map(
                example ->
                    KeyedRandom.of(seed, "lora dropout", task, step, example.id(), example.row()))
            .toList();
    return DroppedInput.of(inner, adapted, rate, generators, backbone.placement());
  }
}
