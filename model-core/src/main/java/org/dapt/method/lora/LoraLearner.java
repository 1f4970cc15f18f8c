package org.dapt.method.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Learner;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.method.ParameterSet;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Scopes;

/**
 * A LoRA block that learns behind frozen ones, all of them with the weight 1: what methods without
 * an attention of their own are made of.
 */
public class LoraLearner implements Learner {
  private final MethodContext context;
  private final String task;
  private final ParameterSet parameters;
  private final Map<String, Tensor> fixed;
  private final LoraBank bank;
  private final int blocks;

  /**
   * Trains a copy of {@code start}.
   *
   * @param older the tasks whose blocks take part, the oldest first; there may be none
   */
  public LoraLearner(MethodContext context, List<LearntTask> older, String task, LoraBlock start) {
    this(context, older, task, start.tensors(), Map.of());
  }

  /**
   * Trains copies of {@code learnt}.
   *
   * @param older the tasks whose blocks take part, the oldest first; there may be none
   * @param learnt matrices of the block by name; others beside them are trained as well
   * @param fixed the block's other matrices, which are not trained; they live as long as this and
   *     may be changed in place before the first step
   */
  protected LoraLearner(
      MethodContext context,
      List<LearntTask> older,
      String task,
      Map<String, Tensor> learnt,
      Map<String, Tensor> fixed) {
    this.context = context;
    this.task = task;
    this.fixed = Map.copyOf(fixed);
    parameters = new ParameterSet(learnt, context.backbone().placement());
    Map<String, Tensor> newest = new LinkedHashMap<>(parameters.tensors());
    newest.putAll(fixed);
    blocks = older.size() + 1;
    bank =
        new LoraBank(
            context.backbone().placement(),
            context.adapted(),
            LoraPredictor.blocks(context, older),
            LoraBlock.of(newest),
            LoraOptions.of(context).scale());
  }

  @Override
  public ParameterSet parameters() {
    return parameters;
  }

  @Override
  public Map<String, Tensor> decided() {
    return fixed;
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

  /** Copies of the block's matrices, learnt ones and others; they belong to the caller's scope. */
  protected Map<String, Tensor> block() {
    Map<String, Tensor> copies = parameters.copies();
    try (NoGradGuard guard = new NoGradGuard()) {
      fixed.forEach((name, tensor) -> copies.put(name, Scopes.inScope(tensor::clone)));
    }
    copies.keySet().removeIf(name -> !LoraBlock.isMatrix(name));
    return copies;
  }

  @Override
  public LearntTask learnt() {
    return new LearntTask(task, block(), Map.of(), List.of());
  }

  @Override
  public void close() {
    bank.close();
    parameters.close();
  }
}
