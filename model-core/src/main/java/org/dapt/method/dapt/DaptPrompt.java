package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.pet.BlockBank;
import org.dapt.pet.BlockKind;
import org.dapt.pet.PromptBank;
import org.dapt.pet.PromptBlock;

/** DAPT with soft prompts in front of the input embeddings. */
public final class DaptPrompt extends DualAttention {
  @Override
  public String name() {
    return "dapt-prompt";
  }

  @Override
  public BlockKind block() {
    return BlockKind.PROMPT;
  }

  @Override
  Map<String, Tensor> initialBlock(MethodContext context, RandomGenerator random) {
    return PromptBlock.initial(context.backbone(), PromptOptions.of(context).length(), random)
        .tensors();
  }

  @Override
  BlockBank bank(MethodContext context, List<LearntTask> learnt, Map<String, Tensor> newest) {
    List<PromptBlock> blocks = new ArrayList<>();
    for (LearntTask task : learnt) {
      blocks.add(block(context, task.block(), origin(task)));
    }
    return new PromptBank(
        context.backbone().type(),
        blocks,
        newest == null ? null : block(context, newest, "the block being learnt"));
  }

  private static PromptBlock block(
      MethodContext context, Map<String, Tensor> tensors, String origin) {
    return PromptBlock.of(
        tensors, PromptOptions.of(context).length(), context.backbone().width(), origin);
  }
}
