package org.dapt.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.dapt.config.DaptConfig;
import org.dapt.gang.MemoryNeed;
import org.dapt.io.ModelFolder;
import org.dapt.io.TensorInfo;
import org.dapt.tensor.ComputeType;

/**
 * How much native memory training a model takes, from the shapes of its tensors alone.
 *
 * <p>A token leaves the input and the output of every matrix behind for the way back, its weights
 * of attention to all others of its example, and a target token its logits, three times: as they
 * are, normalised, and their gradient. A block is at most a low-rank pair for every matrix; it is
 * there four times: itself, its gradient and AdamW's two moments, in the type of what is learnt.
 */
final class MemoryEstimate {
  /** What libtorch and its libraries take before there is a tensor. */
  private static final long RUNTIME = 400L << 20;

  private MemoryEstimate() {}

  static MemoryNeed of(ModelFolder model, DaptConfig config) {
    ComputeType type = ModelSource.of(config.model()).type();
    long bytes = type.scalar() == type.learnt() ? wide(type) : 2;
    long parameters = 0;
    long ends = 0;
    long vocabulary = first(model.config(), List.of("vocab_size"));
    for (String name : model.names()) {
      TensorInfo tensor = model.info(name);
      long size = 1;
      for (long dimension : tensor.shape()) {
        size *= dimension;
      }
      parameters += size;
      if (tensor.shape().length == 2 && tensor.shape()[0] != vocabulary) {
        ends += tensor.shape()[0] + tensor.shape()[1];
      }
    }
    long tokens = config.train().microBatchTokens();
    long targets =
        Math.min(
            tokens, tokens * config.tasks().maxTargetTokens() / config.tasks().maxSourceTokens());
    long scores = 2L * heads(model.config()) * config.tasks().maxSourceTokens();
    long activations = bytes * (tokens * (ends + scores) + 3 * targets * vocabulary);
    long rank = Math.max(config.lora().r(), config.replay().r());
    return new MemoryNeed(RUNTIME + bytes * parameters, activations + 4 * wide(type) * rank * ends);
  }

  private static long wide(ComputeType type) {
    return type == ComputeType.FLOAT64 ? 8 : 4;
  }

  /** Heads of all layers together. */
  private static long heads(JsonNode config) {
    long layers = first(config, List.of("num_layers", "num_hidden_layers"));
    long decoder = first(config, List.of("num_decoder_layers"));
    return first(config, List.of("num_heads", "num_attention_heads")) * (layers + decoder);
  }

  /** 0 where a model from outside names it otherwise: the estimate is then too low. */
  private static long first(JsonNode config, List<String> names) {
    return names.stream()
        .filter(config::has)
        .mapToLong(name -> config.get(name).asLong())
        .findFirst()
        .orElse(0);
  }
}
