package org.dapt.method.lora;

import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dapt.method.MethodContext;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.LoraScale;
import org.dapt.pet.LoraStart;
import org.dapt.random.KeyedRandom;

/**
 * The section {@code lora}, as far as it is about one block.
 *
 * @param rank r of a block, at least 1
 * @param scale of a block's product
 * @param start what a block's A begins with
 */
public record LoraOptions(int rank, LoraScale scale, LoraStart start) {
  private static final List<String> STARTS =
      Arrays.stream(LoraStart.values()).map(LoraStart::text).toList();

  /** Initial values of the block of {@code task}, which follow from the run's seed. */
  public static LoraBlock initial(MethodContext context, String task) {
    return initial(context, KeyedRandom.of(context.seed(), "initial-values", task));
  }

  /** Initial values of a block out of {@code random}. */
  public static LoraBlock initial(MethodContext context, RandomGenerator random) {
    LoraOptions options = of(context);
    return LoraBlock.initial(
        context.adapted(), options.rank, options.start, random, context.backbone().placement());
  }

  /** Those of {@code context}. */
  public static LoraOptions of(MethodContext context) {
    return context.shared(
        "lora",
        in ->
            new LoraOptions(
                in.wholeNumber("r", 1, null),
                new LoraScale(in.positive("alpha", null), in.flag("rslora", false)),
                LoraStart.of(in.choice("init", STARTS, LoraStart.KAIMING.text()))));
  }
}
