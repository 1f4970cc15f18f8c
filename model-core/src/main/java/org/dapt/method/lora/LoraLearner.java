package org.dapt.method.lora;

import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;

/**
 * A LoRA block that learns behind frozen ones, all of them with the weight 1: what methods without
 * an attention of their own are made of.
 */
public class LoraLearner implements Learner {
  private final MethodContext context;
  private final String task;
  private final ParameterSet parameters;
  private final LoraBank bank;
  private final int blocks;

  /**
   * Trains a copy of {@code start}.
   *
   * @param older the tasks whose blocks take part, the oldest first; there may be none
   */
  public LoraLearner(MethodContext context, List<LearntTask> older, String task, LoraBlock start) {
    this.context = context;
    this.task = task;
    parameters = new ParameterSet(start.tensors(), context.backbone().placement());
    blocks = older.size() + 1;
    bank =
        new LoraBank(
            context.backbone().placement(),
            context.adapted(),
            LoraPredictor.blocks(context, older),
            LoraBlock.of(parameters.tensors()),
            LoraOptions.of(context).scale());
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public Adaptation adapt(Source source, Tensor weights) {
    return bank.mix(
        weights == null ? LoraPredictor.ones(context.backbone(), source, blocks) : weights);
  }

  /** All blocks with weights of their own in every projection: {@link LoraBank#mix(Map)}. */
  protected final Adaptation mix(Map<String, Tensor> weights) {
    return bank.mix(weights);
  }

  @Override
  public LearntTask learnt() {
    return new LearntTask(task, parameters.copies(), Map.of(), List.of());
  }

  @Override
  public void close() {
    bank.close();
    parameters.close();
  }
}
