package org.dapt.job;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.dapt.tensor.Attention;
import org.dapt.tensor.ComputeType;

/**
 * How many bytes a micro-batch leaves behind for the way back, from the shapes of a model's
 * tensors.
 *
 * <p>Of a layer these stay, for every one of its tokens: what goes into its norms, in float32 where
 * the model has a narrower type, and what comes out of those in front of an attention, for the
 * blocks; queries, keys, values, and the result of the attention; what the first matrices of the
 * feed-forward layer give, with a gate also its activation and their product. Weights of attention
 * stay where they are made: on processors for some sizes and types, and where some are dropped.
 * Blocks on a feed-forward layer keep what goes into its matrices; with a dropout of their own
 * blocks keep what is left of their inputs, too.
 */
final class KeptActivations {
  /** The logits of a target token: as they are, wider, normalised, and their gradient. */
  private static final int LOGITS = 4;

  /** A gated feed-forward layer keeps three vectors of two matrices, a plain one its only one. */
  private static final double GATED = 1.5;

  /** Of states that are dropped there is also what is kept of them. */
  private static final double DROPPED = 1.5;

  /** Of weights of attention: themselves, what is kept of them, and what comes of both. */
  private static final double WEIGHTS_DROPPED = 3;

  private static final Pattern LAYER =
      Pattern.compile("^(?:model\\.layers|(encoder|decoder)\\.block)\\.(\\d+)\\.");

  private final ModelShape model;
  private final ComputeType type;
  private final long tokens;
  private final long targets;
  private final boolean encodes;
  private final Set<String> adapted;
  private final boolean blockDropout;

  /**
   * @param tokens of the sources of a micro-batch
   * @param targets tokens of their targets
   * @param adapted modules that have a block
   * @param blockDropout whether blocks see a part of their inputs alone
   */
  KeptActivations(
      ModelShape model,
      ComputeType type,
      long tokens,
      long targets,
      Set<String> adapted,
      boolean blockDropout) {
    this.model = model;
    this.type = type;
    this.tokens = tokens;
    this.targets = targets;
    this.adapted = adapted;
    this.blockDropout = blockDropout;
    encodes = model.encodes();
  }

  /**
   * The bytes.
   *
   * @param source tokens of the longest source
   * @param target tokens of the longest target
   * @param gpu whether a GPU computes, on which no weights of attention are made
   * @param dropout whether layers drop, for which there are weights of attention everywhere
   * @param recompute whether layers are computed again on the way back
   */
  long bytes(long source, long target, boolean gpu, boolean dropout, boolean recompute) {
    Map<String, Double> layers = new TreeMap<>();
    double inputs = 0;
    for (String name : model.tensors().keySet()) {
      Matcher layer = LAYER.matcher(name);
      if (layer.find()) {
        boolean answer = "decoder".equals(layer.group(1));
        layers.merge(layer.group(), kept(name, answer), Double::sum);
      }
    }
    for (String layer : layers.keySet()) {
      inputs += (double) type.bytes() * model.width() * ofLayer(layer);
      double weights = weights(layer, source, target, gpu, dropout);
      layers.computeIfPresent(layer, (name, kept) -> (dropout ? DROPPED * kept : kept) + weights);
    }
    double all = layers.values().stream().mapToDouble(kept -> kept).sum();
    double largest = layers.values().stream().mapToDouble(kept -> kept).max().orElse(0);
    // On the way back there are the gradients of a layer besides, about as much as it keeps.
    double ofLayers = (recompute ? inputs + largest : all) + largest;
    return (long) (ofLayers + logits());
  }

  private double kept(String name, boolean answer) {
    long[] shape = model.tensors().get(name);
    long own = encodes && answer ? targets : sequence();
    if (shape.length == 1) {
      // One in two or three is in front of an attention.
      double narrow = type.bytes() < type.learntBytes() ? 2.0 * type.learntBytes() : type.bytes();
      return own * shape[0] * (narrow + type.bytes() / 2.0);
    }
    if (shape.length != 2) {
      return 0;
    }
    long seen = name.contains("EncDecAttention") ? tokens : own;
    double values =
        switch (name.replaceFirst("\\.weight$", "").replaceFirst("^.*\\.", "")) {
          case "q" -> 2.0 * own * shape[0];
          // Turned, and put in order for the attention and behind it.
          case "q_proj" -> 4.0 * own * shape[0];
          case "k", "v" -> (double) seen * shape[0];
          case "k_proj", "v_proj" -> (double) own * (shape[0] + expanded(name));
          case "wi" -> (double) own * shape[0];
          case "wi_0", "wi_1", "gate_proj", "up_proj" -> GATED * own * shape[0];
          case "o", "o_proj", "wo", "down_proj", "relative_attention_bias" -> 0;
          // Of a model from outside: what goes in and what comes out.
          default -> (double) own * (shape[0] + shape[1]);
        };
    return type.bytes() * (values + forBlock(name, name.contains("EncDecAttention") ? seen : own));
  }

  /** What a block keeps of the inputs of a matrix that nothing else keeps. */
  private double forBlock(String name, long rows) {
    String module = name.replaceFirst("\\.weight$", "");
    if (!adapted.contains(module)) {
      return 0;
    }
    long in = model.tensors().get(name)[1];
    String parent = module.substring(0, module.lastIndexOf('.') + 1);
    boolean own =
        switch (module.substring(parent.length())) {
          case "wi", "wi_0", "gate_proj", "down_proj" -> true;
          // One input for both, and behind a gate a product.
          case "wi_1" -> !adapted.contains(parent + "wi_0");
          case "up_proj" -> !adapted.contains(parent + "gate_proj");
          case "wo" -> model.tensors().containsKey(parent + "wi_1.weight");
          default -> false;
        };
    return ((own ? 1 : 0) + (blockDropout ? 1 : 0)) * (double) rows * in;
  }

  /** Keys and values that serve several heads are there once for each of them. */
  private long expanded(String name) {
    String query = name.replaceFirst("[kv]_proj\\.weight$", "q_proj.weight");
    return model.tensors().containsKey(query) ? model.tensors().get(query)[0] : 0;
  }

  /** Of the layer's attention, or its two. */
  private double weights(String layer, long source, long target, boolean gpu, boolean dropout) {
    boolean answer = layer.startsWith("decoder");
    long own = answer ? target : encodes ? source : source + target;
    return weights(own, own, gpu, dropout, ofLayer(layer))
        + (answer ? weights(own, source, gpu, dropout, ofLayer(layer)) : 0);
  }

  private double weights(long queries, long keys, boolean gpu, boolean dropout, long ofAll) {
    boolean kept = !gpu && Attention.keepsWeights(type.scalar(), queries, keys);
    double times = dropout ? WEIGHTS_DROPPED : kept ? 1 : 0;
    return times * type.bytes() * model.heads() * keys * ofAll;
  }

  private long ofLayer(String layer) {
    return layer.startsWith("decoder") ? targets : sequence();
  }

  private long sequence() {
    return encodes ? tokens : tokens + targets;
  }

  private double logits() {
    return (double) LOGITS * type.learntBytes() * targets * model.vocabulary();
  }
}
