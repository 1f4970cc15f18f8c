package org.dapt.method.lora;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.Predictor;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Placement;

/** Frozen LoRA blocks, all of them with the weight 1 for every input. */
public class LoraPredictor implements Predictor {
  private final MethodContext context;
  private final LoraBank bank;
  private final int blocks;

  /**
   * Applies the blocks of {@code learnt}, at least one.
   *
   * @throws org.dapt.error.InputException where a block does not fit the model
   */
  public LoraPredictor(MethodContext context, List<LearntTask> learnt) {
    this.context = context;
    blocks = learnt.size();
    bank =
        new LoraBank(
            context.backbone().placement(),
            context.adapted(),
            blocks(context, learnt),
            null,
            LoraOptions.of(context).scale());
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return bank.mix(weights == null ? ones(context.backbone(), source, blocks) : weights);
  }

  /** All blocks with weights of their own in every projection: {@link LoraBank#mix(Map)}. */
  protected final Adaptation mix(Map<String, Tensor> weights) {
    return bank.mix(weights);
  }

  @Override
  public void close() {
    bank.close();
  }

  /** The blocks of {@code tasks}, checked. */
  static List<LoraBlock> blocks(MethodContext context, List<LearntTask> tasks) {
    List<LoraBlock> blocks = new ArrayList<>();
    for (LearntTask task : tasks) {
      LoraBlock block = LoraBlock.of(task.block());
      block.check(context.adapted(), "block of task " + task.task());
      blocks.add(block);
    }
    return blocks;
  }

  /** The weight 1 for every block, {@code [batch, blocks]}. */
  static Tensor ones(Backbone backbone, Source source, int blocks) {
    Placement placement = backbone.placement();
    return placement.ones(placement.learnt(), source.size(), blocks);
  }
}
