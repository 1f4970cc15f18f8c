package org.dapt.method.l2p;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Backbone;
import org.dapt.backbone.Source;
import org.dapt.backbone.WrappedAdaptation;
import org.dapt.pet.PromptPrefix;

/**
 * The prompts that the inputs of a batch chose, in front of them.
 *
 * @param inner puts them there
 * @param pull the chosen similarities, added up over the examples
 */
record PooledPrompts(Adaptation inner, Tensor pull) implements WrappedAdaptation {
  /**
   * Has every input of {@code source} choose.
   *
   * @param top how many prompts it gets
   */
  static PooledPrompts of(PromptPool pool, int top, Backbone backbone, Source source) {
    Tensor similarity = pool.similarity(backbone.meanState(source));
    Tensor chosen = PromptPool.chosen(similarity, top);
    Tensor prefix = pool.prefix(chosen).to(backbone.type().scalar());
    return new PooledPrompts(new PromptPrefix(prefix), PromptPool.pull(similarity, chosen));
  }

  /** The one that {@code adaptation} is, or is wrapped around. */
  static PooledPrompts in(Adaptation adaptation) {
    Adaptation found = adaptation;
    while (!(found instanceof PooledPrompts)) {
      found = ((WrappedAdaptation) found).inner();
    }
    return (PooledPrompts) found;
  }

  @Override
  public Adaptation cut(UnaryOperator<Tensor> cut) {
    return new PooledPrompts(inner.cut(cut), pull);
  }

  /** The pull is that of the whole batch: it is for training, where nothing is selected. */
  @Override
  public Adaptation select(Tensor rows) {
    return new PooledPrompts(inner.select(rows), pull);
  }
}
