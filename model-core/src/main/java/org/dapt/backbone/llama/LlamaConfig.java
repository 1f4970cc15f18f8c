package org.dapt.backbone.llama;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.dapt.backbone.ConfigJson;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.ModelFolder;

/**
 * A Llama configuration, as Transformers 4 and 5 write it.
 *
 * @param width model width d ({@code hidden_size})
 * @param inner width of the feed-forward layer ({@code intermediate_size})
 * @param layers number of layers
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads, of which each serves heads / keyValueHeads
 *     query heads
 * @param headSize size of a head; heads · headSize need not be d
 * @param vocabulary number of token ids
 * @param epsilon of the RMS norms
 * @param rotary the rotary position embedding
 * @param tied whether the output matrix is the embedding
 * @param padToken fills up short examples
 * @param endTokens end an answer
 */
record LlamaConfig(
    int width,
    int inner,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int vocabulary,
    double epsilon,
    RotaryScaling rotary,
    boolean tied,
    int padToken,
    Set<Integer> endTokens) {

  private static final String EOS = "eos_token_id";

  /**
   * Reads the configuration of {@code folder}. Models that chat end their turns with tokens that
   * only their generation_config.json may name: its end tokens count too.
   */
  static LlamaConfig parse(ModelFolder folder) {
    JsonNode json = folder.config();
    String file = folder.configFile();
    ConfigJson config = new ConfigJson(json, file);
    int vocabulary = config.positive("vocab_size");
    Set<Integer> ends = endTokens(config);
    config.requireBelow(vocabulary, EOS, ends);
    folder
        .optional(ModelFolder.GENERATION)
        .map(node -> new ConfigJson(node, folder.shown(ModelFolder.GENERATION)))
        .ifPresent(
            generation -> {
              generation.requireBelow(vocabulary, EOS, turnEnds(generation));
              ends.addAll(turnEnds(generation));
            });
    refuse(config, file, "attention_bias");
    refuse(config, file, "mlp_bias");
    String activation = config.text("hidden_act", "silu");
    if (!activation.equals("silu")) {
      throw new InputException(
          "%s: hidden_act is '%s', expected silu: no Llama model has another one."
              .formatted(file, Shown.of(activation)));
    }
    int width = config.positive("hidden_size");
    int heads = config.positive("num_attention_heads");
    int keyValueHeads = config.positive("num_key_value_heads", heads);
    if (heads % keyValueHeads != 0) {
      throw new InputException(
          "%s: num_attention_heads is %d and num_key_value_heads is %d, expected a divisor of the former."
              .formatted(file, heads, keyValueHeads));
    }
    if (!json.hasNonNull("head_dim") && width % heads != 0) {
      throw new InputException(
          "%s: hidden_size is %d and num_attention_heads is %d, expected a divisor of the former, or head_dim."
              .formatted(file, width, heads));
    }
    int headSize = config.positive("head_dim", Math.max(1, width / heads));
    if (headSize % 2 != 0) {
      throw new InputException(
          "%s: the heads have size %d, expected an even one: rotary positions turn pairs."
              .formatted(file, headSize));
    }
    // Absent or -1 where a model was trained without padding; then any id will do, for nothing
    // looks at it.
    int pad = json.path("pad_token_id").asInt(0) < 0 ? 0 : config.count("pad_token_id", 0);
    config.requireBelow(vocabulary, "pad_token_id", List.of(pad));
    return new LlamaConfig(
        width,
        config.positive("intermediate_size"),
        config.layers("num_hidden_layers"),
        heads,
        keyValueHeads,
        headSize,
        vocabulary,
        config.real("rms_norm_eps", 1e-6),
        RotaryScaling.parse(json, file),
        config.flag("tie_word_embeddings", false),
        pad,
        ends);
  }

  /** The ids that end an answer; the first of them is what a target ends with. */
  static Set<Integer> endTokens(ConfigJson config) {
    return new LinkedHashSet<>(config.counts(EOS, 2));
  }

  /** The ids that {@code generation_config.json} names; empty where it names none. */
  static List<Integer> turnEnds(ConfigJson generation) {
    return generation.has(EOS) ? generation.counts(EOS, 0) : List.of();
  }

  private static void refuse(ConfigJson config, String file, String key) {
    if (config.flag(key, false)) {
      throw new InputException(
          "%s: %s is true, expected false: linear layers with a bias are not supported."
              .formatted(file, key));
    }
  }
}
