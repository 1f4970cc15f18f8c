package org.dapt.pet;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;

/**
 * Embeddings in front of each input of a batch, and nothing else.
 *
 * @param prefix {@code [batch, rows, d]} in the type of activations
 */
public record PromptPrefix(Tensor prefix) implements Adaptation {
  @Override
  public Tensor adapt(String projection, Tensor x, Tensor output) {
    return output;
  }

  @Override
  public Effect effect(String projection) {
    return Effect.NONE;
  }

  @Override
  public Adaptation cut(UnaryOperator<Tensor> cut) {
    return new PromptPrefix(cut.apply(prefix));
  }

  @Override
  public Adaptation select(Tensor rows) {
    return new PromptPrefix(prefix.index_select(0, rows));
  }
}
