package org.dapt.convert;

import java.util.List;
import org.dapt.io.gguf.GgufFile;
import org.dapt.io.gguf.GgufMetadata;
import org.dapt.io.gguf.GgufTensor;

/**
 * What a GGUF file says of the shape of its Llama.
 *
 * @param width model width
 * @param inner width of the feed-forward layers
 * @param layers number of layers
 * @param heads number of query heads
 * @param keyValueHeads number of key and value heads
 * @param headSize size of a head
 * @param vocabulary rows of the embedding
 * @param positions longest context
 * @param epsilon of the RMS norms
 * @param theta base of the rotary embedding
 * @param tied whether the output matrix is the embedding
 */
record LlamaFacts(
    int width,
    int inner,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int vocabulary,
    int positions,
    double epsilon,
    double theta,
    boolean tied) {
  static final String ARCHITECTURE = "llama";
  static final String PREFIX = ARCHITECTURE + ".";

  private static final double USUAL_THETA = 10_000;
  private static final int MOST_LAYERS = 10_000;

  /** Keys of variants that compute something else than a Llama does. */
  private static final List<String> OTHER_MODELS =
      List.of(
          "expert_count",
          "attention.sliding_window",
          "attention.scale",
          "attention.clamp_kqv",
          "logit_scale",
          "residual_scale",
          "embedding_scale");

  /**
   * Reads what there is.
   *
   * @throws org.dapt.error.InputException if the file is of another architecture, or a value is
   *     missing or wrong
   */
  static LlamaFacts of(GgufFile file) {
    GgufMetadata metadata = file.metadata();
    refuseOthers(metadata);
    int width = metadata.size(PREFIX + "embedding_length");
    int heads = metadata.size(PREFIX + "attention.head_count");
    int layers = metadata.size(PREFIX + "block_count");
    if (layers > MOST_LAYERS) {
      throw metadata.damaged(
          "%sblock_count is %d, expected %d at most".formatted(PREFIX, layers, MOST_LAYERS));
    }
    GgufTensor embedding = file.tensors().get(LlamaTensors.EMBEDDING);
    if (embedding == null || embedding.shape().length != 2) {
      throw metadata.damaged(
          "it has no tensor %s with two dimensions".formatted(LlamaTensors.EMBEDDING));
    }
    return new LlamaFacts(
        width,
        metadata.size(PREFIX + "feed_forward_length"),
        layers,
        heads,
        keyValueHeads(metadata, heads),
        headSize(metadata, width, heads),
        (int) Math.min(Integer.MAX_VALUE, embedding.shape()[0]),
        metadata.size(PREFIX + "context_length"),
        metadata
            .real(PREFIX + "attention.layer_norm_rms_epsilon")
            .orElseThrow(
                () ->
                    metadata.damaged(
                        "it has no %sattention.layer_norm_rms_epsilon, which its model needs"
                            .formatted(PREFIX))),
        metadata.real(PREFIX + "rope.freq_base").orElse(USUAL_THETA),
        !file.tensors().containsKey(LlamaTensors.OUTPUT));
  }

  private static int keyValueHeads(GgufMetadata metadata, int heads) {
    String key = PREFIX + "attention.head_count_kv";
    int found = metadata.whole(key, 1).orElse(heads);
    if (heads % found != 0) {
      throw metadata.damaged(
          "%s is %d, expected a divisor of the number of query heads, which is %d"
              .formatted(key, found, heads));
    }
    return found;
  }

  private static int headSize(GgufMetadata metadata, int width, int heads) {
    if (!metadata.has(PREFIX + "attention.key_length") && width % heads != 0) {
      throw metadata.damaged(
          "the width %d is no multiple of the number of heads, %d, and there is no %sattention.key_length"
              .formatted(width, heads, PREFIX));
    }
    int size = metadata.whole(PREFIX + "attention.key_length", 1).orElse(width / heads);
    if (size % 2 != 0) {
      throw metadata.damaged(
          "its heads have size %d, expected an even one: rotary positions turn pairs"
              .formatted(size));
    }
    for (String key : List.of("attention.value_length", "rope.dimension_count")) {
      int other = metadata.whole(PREFIX + key, 1).orElse(size);
      if (other != size) {
        throw metadata.unsupported(
            "%s%s is %d, expected %d, the size of a head, as in every Llama"
                .formatted(PREFIX, key, other, size));
      }
    }
    return size;
  }

  private static void refuseOthers(GgufMetadata metadata) {
    String architecture =
        metadata
            .text("general.architecture")
            .orElseThrow(() -> metadata.damaged("it has no general.architecture"));
    if (!architecture.equals(ARCHITECTURE)) {
      throw metadata.unsupported(
          "its architecture is %s; only llama is converted"
              .formatted(GgufConversion.quoted(architecture)));
    }
    if (metadata.whole("split.count", 0).orElse(1) > 1) {
      throw metadata.unsupported(
          "it is one of several files that make up the model. Join them with llama-gguf-split --merge");
    }
    for (String key : OTHER_MODELS) {
      if (metadata.has(PREFIX + key) && !metadata.isZero(PREFIX + key)) {
        throw metadata.unsupported(
            "it has %s%s, so its model is a variant that computes otherwise than Llama"
                .formatted(PREFIX, key));
      }
    }
  }
}
