package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.prompt.PromptOptions;
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
    return PromptOptions.initial(context, random).tensors();
  }

  @Override
  double rateOfBlock(MethodContext context) {
    return PromptOptions.rate(context);
  }

  @Override
  BlockBank bank(MethodContext context, List<LearntTask> learnt, Map<String, Tensor> newest) {
    List<PromptBlock> blocks = new ArrayList<>();
    for (LearntTask task : learnt) {
      blocks.add(PromptOptions.block(context, task.block(), origin(task)));
    }
    return new PromptBank(
        context.backbone().type(),
        blocks,
        newest == null ? null : PromptOptions.block(context, newest, "the block being learnt"));
  }
}
