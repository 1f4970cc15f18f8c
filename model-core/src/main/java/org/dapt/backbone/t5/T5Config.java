package org.dapt.backbone.t5;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.dapt.backbone.ConfigJson;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * A T5 or mT5 configuration, as Transformers 4 and 5 write it.
 *
 * @param width model width d ({@code d_model})
 * @param headSize size of a head ({@code d_kv}); heads · headSize need not be d
 * @param inner width of the feed-forward layer ({@code d_ff})
 * @param encoderLayers number of encoder blocks
 * @param decoderLayers number of decoder blocks
 * @param heads number of heads
 * @param vocabulary number of token ids
 * @param buckets number of buckets of the relative position bias
 * @param maxDistance distance from which all positions share the last bucket
 * @param epsilon of the RMS norms
 * @param activation of the feed-forward layer
 * @param gated whether the feed-forward layer has a gate
 * @param scaledOutput whether the decoder's output is multiplied by d^-0.5 before the output matrix
 * @param tied whether the output matrix is the embedding where no other one is stored
 * @param padToken fills up short examples
 * @param startToken first decoder input
 * @param endTokens end a decoded text
 */
record T5Config(
    int width,
    int headSize,
    int inner,
    int encoderLayers,
    int decoderLayers,
    int heads,
    int vocabulary,
    int buckets,
    int maxDistance,
    double epsilon,
    Activation activation,
    boolean gated,
    boolean scaledOutput,
    boolean tied,
    int padToken,
    int startToken,
    Set<Integer> endTokens) {

  enum Activation {
    RELU,
    GELU_TANH,
    SILU
  }

  private static final String EOS = "eos_token_id";

  static T5Config parse(JsonNode json, String file) {
    ConfigJson config = new ConfigJson(json, file);
    boolean multilingual = config.text("model_type", "").equals("mt5");
    int layers = config.layers("num_layers", multilingual ? 8 : 6);
    String feedForward = config.text("feed_forward_proj", multilingual ? "gated-gelu" : "relu");
    boolean gated = feedForward.startsWith("gated-");
    Activation activation =
        switch (gated ? feedForward.substring("gated-".length()) : feedForward) {
          case "relu" -> Activation.RELU;
          // "gated-gelu" has always meant the tanh approximation in T5 checkpoints.
          case "gelu", "gelu_new", "gelu_pytorch_tanh" -> Activation.GELU_TANH;
          case "silu", "swish" -> Activation.SILU;
          default ->
              throw new InputException(
                  file
                      + ": feed_forward_proj is '"
                      + Shown.of(feedForward)
                      + "'; known are relu, gated-gelu, gated-silu and the same ungated");
        };
    if (!gated && activation == Activation.GELU_TANH && feedForward.equals("gelu")) {
      throw new InputException(
          file
              + ": feed_forward_proj 'gelu' without a gate is not used by any T5 model; expected"
              + " relu or gated-gelu");
    }
    // Transformers 5 writes scale_decoder_outputs, and tie_word_embeddings: true for every T5;
    // before, only tie_word_embeddings tells the kinds apart. It writes the same for every mT5 and
    // no scale_decoder_outputs: mT5 is of the kind that does not scale.
    boolean scaled =
        config.flag(
            "scale_decoder_outputs", !multilingual && config.flag("tie_word_embeddings", true));
    int pad = config.count("pad_token_id", 0);
    int start = config.count("decoder_start_token_id", pad);
    int vocabulary = config.positive("vocab_size");
    Set<Integer> ends = endTokens(config);
    config.requireBelow(vocabulary, "pad_token_id", List.of(pad));
    config.requireBelow(vocabulary, "decoder_start_token_id", List.of(start));
    config.requireBelow(vocabulary, EOS, ends);
    return new T5Config(
        config.positive("d_model"),
        config.positive("d_kv"),
        config.positive("d_ff"),
        layers,
        config.layers("num_decoder_layers", layers),
        config.positive("num_heads"),
        vocabulary,
        config.positive("relative_attention_num_buckets", 32),
        config.positive("relative_attention_max_distance", 128),
        config.real("layer_norm_epsilon", 1e-6),
        activation,
        gated,
        scaled,
        config.flag("tie_word_embeddings", true),
        pad,
        start,
        ends);
  }

  /** The ids that end an answer; the first of them is what a target ends with. */
  static Set<Integer> endTokens(ConfigJson config) {
    return new LinkedHashSet<>(config.counts(EOS, 1));
  }

  /** heads · headSize: the width of queries, keys and values. */
  int attentionWidth() {
    return heads * headSize;
  }
}
