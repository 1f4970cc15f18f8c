package org.dapt.method.dapt;

import org.dapt.method.MethodContext;

/**
 * The section {@code prompt}.
 *
 * @param length number of embeddings of a soft prompt
 */
record PromptOptions(int length) {
  static PromptOptions of(MethodContext context) {
    return context.shared("prompt", in -> new PromptOptions(in.wholeNumber("length", 1, null)));
  }
}
