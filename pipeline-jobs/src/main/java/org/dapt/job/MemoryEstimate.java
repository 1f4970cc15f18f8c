package org.dapt.job;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.dapt.config.DaptConfig;
import org.dapt.config.SelectedParameters;
import org.dapt.gang.MemoryNeed;
import org.dapt.io.ModelFolder;
import org.dapt.tensor.ComputeType;

/**
 * How much native memory training a model and answering with it take, from the shapes of its
 * tensors alone.
 *
 * <p>In training a token leaves the input and the output of every matrix behind for the way back,
 * its weights of attention to all others of its example, and a target token its logits, three
 * times: as they are, normalised, and their gradient. A block is at most a low-rank pair for every
 * matrix; it is there four times: itself, its gradient and AdamW's two moments, in the type of what
 * is learnt. Where the best parameters on dev are kept there is one more, and ranks answer as well.
 *
 * <p>In answering a token leaves keys and values behind in every layer. Besides there are one
 * layer's activations and attention weights, the logits of each example, and the blocks of all
 * tasks of {@code tasks.order}. The examples of a batch are taken to be as long as they may be, as
 * in training.
 *
 * <p>For a step of eight examples of 512 and 50 tokens on the shape of t5-small in float32 it says
 * 2.6 GiB; 1.8 GiB were measured, heap included.
 */
public final class MemoryEstimate {
  /** What libtorch and its libraries take before there is a tensor. */
  private static final long RUNTIME = 400L << 20;

  private static final List<String> HEADS = List.of("num_heads", "num_attention_heads");

  /** Of a decoder beside an encoder only the latter's. */
  private static final List<String> LAYERS = List.of("num_layers", "num_hidden_layers");

  /** The matrices whose products a decoder keeps: of T5's attention, and of Llama's. */
  private static final Pattern KEYS_AND_VALUES =
      Pattern.compile("^decoder\\..*\\.[kv]\\.weight$|\\.[kv]_proj\\.weight$");

  private MemoryEstimate() {}

  public static MemoryNeed of(ModelFolder model, DaptConfig config) {
    ComputeType type = config.model().dtype();
    long bytes = type.scalar() == type.learnt() ? wide(type) : 2;
    long tokens = config.train().microBatchTokens();
    long source = config.tasks().maxSourceTokens();
    long targets = Math.min(tokens, tokens * config.tasks().maxTargetTokens() / source);
    boolean encodes = model.names().stream().anyMatch(name -> name.startsWith("encoder."));
    long vocabulary = first(model.config(), List.of("vocab_size"));
    long parameters = 0;
    long ends = 0;
    long left = 3 * targets * vocabulary;
    for (String name : model.names()) {
      long[] shape = model.info(name).shape();
      parameters += Arrays.stream(shape).reduce(1, (x, y) -> x * y);
      if (shape.length == 2 && shape[0] != vocabulary) {
        ends += shape[0] + shape[1];
        left += (shape[0] + shape[1]) * (encodes && name.startsWith("decoder.") ? targets : tokens);
      }
    }
    left +=
        2
            * first(model.config(), HEADS)
            * first(model.config(), LAYERS)
            * source
            * (encodes ? tokens + targets : tokens);
    if (config.model().dropout() > 0) {
      // Of each there is also what is kept of it.
      left *= 2;
    }
    long rank = Math.max(config.lora().r(), config.replay().r());
    long answering = answering(model, config, vocabulary);
    // Answers to dev inputs and steps take turns.
    boolean dev = config.train().select() == SelectedParameters.BEST_DEV;
    return new MemoryNeed(
        RUNTIME + bytes * parameters,
        bytes * (dev ? Math.max(left, answering) : left) + (dev ? 5 : 4) * wide(type) * rank * ends,
        bytes * answering
            + wide(type) * config.lora().r() * ends * Math.max(1, config.tasks().order().size()),
        config.evaluate().overlap());
  }

  /** Values that a batch of inputs has at once while it is answered. */
  private static long answering(ModelFolder model, DaptConfig config, long vocabulary) {
    long source = config.tasks().maxSourceTokens();
    long tokens = Math.max(source, config.evaluate().batchTokens());
    long examples = tokens / source;
    long answers = examples * config.evaluate().maxNewTokens();
    long kept = 0;
    long widest = 0;
    for (String name : model.names()) {
      long[] shape = model.info(name).shape();
      if (shape.length == 2 && shape[0] != vocabulary) {
        widest = Math.max(widest, shape[0] + shape[1]);
        if (KEYS_AND_VALUES.matcher(name).find()) {
          kept += shape[0] * (tokens + answers);
        }
      }
    }
    return kept
        + 2 * widest * tokens
        + 2 * first(model.config(), HEADS) * source * tokens
        + 2 * examples * vocabulary;
  }

  private static long wide(ComputeType type) {
    return type == ComputeType.FLOAT64 ? 8 : 4;
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
