package org.dapt.method.dapt;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.lora.LoraOptions;
import org.dapt.pet.BlockBank;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;

/** DAPT with LoRA blocks, by default on the query and value projections. */
public final class DaptLora extends DualAttention {
  @Override
  public String name() {
    return "dapt-lora";
  }

  @Override
  public BlockKind block() {
    return BlockKind.LORA;
  }

  @Override
  Map<String, Tensor> initialBlock(MethodContext context, RandomGenerator random) {
    return LoraOptions.initial(context, random).tensors();
  }

  @Override
  BlockBank bank(MethodContext context, List<LearntTask> learnt, Map<String, Tensor> newest) {
    List<LoraBlock> blocks = new ArrayList<>();
    for (LearntTask task : learnt) {
      LoraBlock block = LoraBlock.of(task.block());
      block.check(context.adapted(), origin(task));
      blocks.add(block);
    }
    return new LoraBank(
        context.backbone().placement(),
        context.adapted(),
        blocks,
        newest == null ? null : LoraBlock.of(newest),
        LoraOptions.of(context).scale());
  }
}
