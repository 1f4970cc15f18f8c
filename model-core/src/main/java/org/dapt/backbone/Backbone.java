package org.dapt.backbone;

import java.util.List;
import java.util.Set;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.error.ConfigException;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;

/**
 * A frozen language model. Its weights never require gradients; it may be shared by the threads of
 * one process. Returned tensors belong to the caller's scope.
 */
public interface Backbone extends AutoCloseable {
  /** Model width {@code d}: the size of a token's embedding. */
  int width();

  /** Number of rows of the embedding: ids are below it. */
  int vocabulary();

  /** Where its weights and activations lie, and of which types they are. */
  Placement placement();

  /** The types of its placement. */
  default ComputeType type() {
    return placement().type();
  }

  /** The linear layers that a method may adapt, in the order of the model. */
  List<Projection> projections();

  /**
   * What goes into one of {@link #projections}.
   *
   * @throws ConfigException where the family does not tell
   */
  default LayerInput input(Projection projection) {
    throw new ConfigException(
        "Models of the class %s do not tell which of their layers share an input (Backbone.input), which inf-lora and gain-lora need: choose another method.name or model.path."
            .formatted(getClass().getName()));
  }

  /** The id that fills up short examples. */
  int padToken();

  /** The ids at which decoding ends; not empty. */
  Set<Integer> endTokens();

  /** Packs inputs into a padded batch. */
  default Source source(List<int[]> tokens) {
    return Source.of(tokens, padToken(), placement());
  }

  /** Input embeddings of {@code ids}, before any layer: {@code [.., d]}. */
  Tensor embed(Tensor ids);

  /**
   * The hidden states of {@code source}'s tokens behind the last layer and its norm: of an encoder
   * where there is one, otherwise of the prompt alone, {@code [batch, tokens, d]}. What stands at
   * padding carries no meaning; positions of a prefix are left out.
   */
  Tensor encode(Source source, Adaptation adaptation);

  /**
   * The mean over an input's real tokens of what the frozen model by itself makes of them: {@code
   * [batch, d]} in float64, out of reach of gradients.
   */
  default Tensor meanState(Source source) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return source.mean(encode(source, Adaptation.NONE).to(ScalarType.Double));
    }
  }

  /**
   * Logits at the target positions of all examples, one example after the other.
   *
   * @return {@code [target tokens, vocabulary]}
   */
  Tensor targetLogits(Batch batch, Adaptation adaptation);

  /** Starts decoding answers to {@code source}. Call it with gradients switched off. */
  Decoding decode(Source source, Adaptation adaptation);

  /** SHA-256 over the names and bytes of all weights as they are in memory now. */
  String sha256();

  @Override
  void close();
}
