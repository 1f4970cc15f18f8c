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
 */
public record PromptOptions(int length) {
  /** Those of {@code context}. */
  public static PromptOptions of(MethodContext context) {
    return of(context.sections());
  }

  /** Those of {@code sections}. */
  public static PromptOptions of(Sections sections) {
    return sections.shared("prompt", in -> new PromptOptions(in.wholeNumber("length", 1, null)));
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
