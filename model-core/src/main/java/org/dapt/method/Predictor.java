package org.dapt.method;

import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Adaptation;
import org.dapt.backbone.Source;

/** Applies what was learnt to inputs. */
public interface Predictor extends AutoCloseable {
  /** The frozen model as it is. */
  Predictor NONE =
      new Predictor() {
        @Override
        public Adaptation adapt(Source source, Tensor weights) {
          return Adaptation.NONE;
        }

        @Override
        public void close() {
          // Nothing is open.
        }
      };

  /**
   * The weights with which the blocks are mixed for each input, {@code [batch, tasks]}, rows sum to
   * 1 but with {@link Trait#WEIGHTS_ARE_GATES}; null for methods without {@link
   * Trait#CHOOSES_BLOCKS}.
   */
  default Tensor attentionWeights(Source source) {
    return null;
  }

  /**
   * What the blocks add to the frozen model for {@code source}.
   *
   * @param weights the result of {@link #attentionWeights} for the same inputs
   */
  Adaptation adapt(Source source, Tensor weights);

  /**
   * How many embeddings it puts in front of every input: they take their place in a batch beside
   * the tokens. 0 where there are none or so few that batches need not be smaller for them.
   */
  default int prefixLength() {
    return 0;
  }

  /** The same, for callers that have no use for the mixture. */
  default Adaptation adapt(Source source) {
    return adapt(source, attentionWeights(source));
  }

  @Override
  void close();
}
