package org.dapt.method.progprompt;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.prompt.PromptOptions;
import org.dapt.pet.PromptPrefix;
import org.dapt.tensor.Tensors;

/** Prompts one behind the other, the newest first: {@code [P_k; P_(k-1); …; P_1]}. */
final class PromptChain {
  private PromptChain() {}

  /**
   * The chain of {@code prompts}.
   *
   * @param prompts the oldest first, each {@code [L, d]}; at least one
   * @return {@code [prompts · L, d]}
   */
  static Tensor of(List<Tensor> prompts) {
    List<Tensor> newestFirst = new ArrayList<>(prompts);
    Collections.reverse(newestFirst);
    return Tensors.cat(newestFirst, 0);
  }

  /**
   * The prompts of {@code learnt}, the oldest first.
   *
   * @throws org.dapt.error.InputException where one does not fit the model and the settings
   */
  static List<Tensor> prompts(MethodContext context, List<LearntTask> learnt) {
    List<Tensor> prompts = new ArrayList<>();
    for (LearntTask task : learnt) {
      prompts.add(
          PromptOptions.block(context, task.block(), "block of task " + task.task()).prompt());
    }
    return prompts;
  }

  /** {@code chain} in front of every input of {@code source}. */
  static Adaptation inFrontOf(Source source, Tensor chain, MethodContext context) {
    return new PromptPrefix(
        chain
            .to(context.backbone().type().scalar())
            .unsqueeze(0)
            .expand(source.size(), chain.size(0), chain.size(1)));
  }
}
