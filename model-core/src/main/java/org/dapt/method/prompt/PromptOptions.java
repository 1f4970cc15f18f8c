package org.dapt.method.prompt;

import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.MethodContext;
import org.dapt.method.Sections;
import org.dapt.pet.PromptBlock;

/**
 * The section {@code prompt}.
 *
 * @param length number of embeddings of a soft prompt
 * @param rateFactor learning rate of prompts: this times that of the task times the size of the
 *     model's embeddings ({@link PromptBlock#size}); 0 for that of the task as it is
 */
public record PromptOptions(int length, double rateFactor) {
  /** Those of {@code context}. */
  public static PromptOptions of(MethodContext context) {
    return of(context.sections());
  }

  /** Those of {@code sections}. */
  public static PromptOptions of(Sections sections) {
    return sections.shared(
        "prompt",
        in ->
            new PromptOptions(
                in.wholeNumber("length", 1, null),
                in.number("learning-rate-factor", 0, Double.MAX_VALUE, 0.0)));
  }

  /**
   * Learning rate of a prompt in front of the model of {@code context}, as a factor of the task's.
   */
  public static double rate(MethodContext context) {
    double factor = of(context).rateFactor;
    return factor == 0 ? 1 : factor * PromptBlock.size(context.backbone());
  }

  /** That of what is as wide as an embedding, but of size 1, as keys are. */
  public static double rateOfKeys(MethodContext context) {
    double factor = of(context).rateFactor;
    return factor == 0 ? 1 : factor;
  }

  /** Initial values of a prompt out of {@code random}. */
  public static PromptBlock initial(MethodContext context, RandomGenerator random) {
    return PromptBlock.initial(context.backbone(), of(context).length, random);
  }

  /**
   * The prompt in {@code tensors}.
   *
   * @param origin where they were read from, for the message
   * @throws org.dapt.error.InputException where it is missing or has another shape
   */
  public static PromptBlock block(
      MethodContext context, Map<String, Tensor> tensors, String origin) {
    return PromptBlock.of(tensors, of(context).length, context.backbone().width(), origin);
  }
}
