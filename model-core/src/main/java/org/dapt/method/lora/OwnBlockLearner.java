package org.dapt.method.lora;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;
import org.dapt.method.Example;
import org.dapt.method.LearntTask;
import org.dapt.method.MethodContext;
import org.dapt.pet.LoraBank;
import org.dapt.pet.LoraBlock;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Scopes;

/**
 * A LoRA block that is learnt as if there were no others, with the weight 1, for methods that
 * choose among the tasks' blocks by something that is not learnt.
 */
public abstract class OwnBlockLearner extends LoraLearner {
  private final MethodContext context;
  private final List<LearntTask> older;
  private final LoraBank alone;

  /**
   * Trains a copy of {@code start}.
   *
   * @param older the tasks among whose blocks inputs choose as well, the oldest first
   */
  protected OwnBlockLearner(
      MethodContext context, List<LearntTask> older, String task, LoraBlock start) {
    super(context, older, task, start);
    this.context = context;
    this.older = List.copyOf(older);
    alone =
        new LoraBank(
            context.backbone().placement(),
            context.adapted(),
            List.of(),
            LoraBlock.of(parameters().tensors()),
            LoraOptions.of(context).scale());
  }

  /** What it learns in. */
  protected final MethodContext context() {
    return context;
  }

  /** The tasks before it, the oldest first. */
  protected final List<LearntTask> older() {
    return older;
  }

  /** Weights that give every input the block that is learnt, {@code [batch, older + 1]}. */
  protected final Tensor ownBlock(Source source) {
    Placement placement = context.backbone().placement();
    Tensor weights = placement.zeros(placement.learnt(), source.size(), older.size() + 1);
    weights.select(1, older.size()).fill_(new Scalar(1.0));
    return weights;
  }

  @Override
  public final Adaptation adaptForTraining(Source source, List<Example> examples, long step) {
    Placement placement = context.backbone().placement();
    return alone.mix(placement.ones(placement.learnt(), source.size(), 1));
  }

  /**
   * What is learnt, with what inputs choose by: copies of {@code kept} in the type of what is
   * learnt, by name.
   */
  protected final LearntTask learntWith(Map<String, Tensor> kept) {
    LearntTask plain = super.learnt();
    Map<String, Tensor> copies = new TreeMap<>();
    try (NoGradGuard guard = new NoGradGuard()) {
      kept.forEach(
          (name, tensor) ->
              copies.put(
                  name,
                  Scopes.inScope(
                      () -> tensor.to(context.backbone().placement().learnt()).clone())));
    }
    return new LearntTask(plain.task(), plain.block(), copies, plain.meanAttention());
  }

  @Override
  public void close() {
    alone.close();
    super.close();
  }
}
