package org.dapt.backbone;

import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/** What a method adds to the frozen forward pass for the examples of one batch. */
public interface Adaptation {
  /** The frozen model as it is. */
  Adaptation NONE =
      new Adaptation() {
        @Override
        public Tensor adapt(String projection, Tensor x, Tensor output) {
          return output;
        }

        @Override
        public Effect effect(String projection) {
          return Effect.NONE;
        }
      };

  /** What {@link #adapt} makes of a projection. */
  enum Effect {
    /** Nothing. */
    NONE,
    /** It adds a linear function of x, the same at all positions of an example. */
    LINEAR,
    /** Anything else. */
    ANY
  }

  /**
   * The output of an adapted projection.
   *
   * @param projection the projection's name
   * @param x its input {@code [batch, tokens, in]}
   * @param output its frozen output {@code [batch, tokens, out]}, which may be changed in place
   * @return {@code [batch, tokens, out]}; {@code output} itself where the method leaves the
   *     projection alone
   */
  Tensor adapt(String projection, Tensor x, Tensor output);

  /**
   * What {@link #adapt} does to a projection. A backbone may change the order of its products where
   * that is cheaper and the effect leaves the result the same: weights of attention, say, can be
   * applied in front of a linear projection instead of behind it.
   */
  default Effect effect(String projection) {
    return Effect.ANY;
  }

  /**
   * Embeddings put in front of the model's input (in front of the encoder's where there is one),
   * {@code [batch, length, d]}: every position of the input may look at them. Null where there are
   * none.
   */
  default Tensor prefix() {
    return null;
  }

  /**
   * The dropout of the model's own layers; null where they drop nothing, as always when answering.
   */
  default LayerDropout dropout() {
    return null;
  }

  /** How the layers are computed again on the way back; null where they keep what they need. */
  default Recomputation recomputation() {
    return null;
  }

  /**
   * The same with every tensor that requires gradients and is used in more than one layer replaced
   * by what {@code cut} makes of it: an equal one, whose gradient is handed on once. Other tensors
   * may be left as they are, parameters too.
   */
  default Adaptation cut(UnaryOperator<Tensor> cut) {
    return this;
  }

  /** The same for the examples at {@code rows} (int64 {@code [kept]}) only, in that order. */
  default Adaptation select(Tensor rows) {
    return this;
  }
}
