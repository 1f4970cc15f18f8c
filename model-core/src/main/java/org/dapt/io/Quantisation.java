package org.dapt.io;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Models whose weights are packed into fewer bits. Their makers say so in config.json or in a file
 * beside it; where nothing says so, the tensors that hold scales and zero points do.
 */
public final class Quantisation {
  /** Keys of config.json, as Transformers, MLX and compressed-tensors write them. */
  private static final List<String> KEYS =
      List.of("quantization_config", "quantization", "compression_config");

  /** Files beside it, as AutoGPTQ, AutoAWQ, HQQ and Quanto write them. */
  private static final List<String> FILES =
      List.of("quantize_config.json", "quant_config.json", "quantization_config.json", "qmodel.pt");

  /** Last parts of the names of tensors that go with packed weights. */
  private static final Set<String> PARTS =
      Set.of(
          "qweight",
          "qzeros",
          "scales",
          "g_idx",
          "SCB",
          "absmax",
          "quant_map",
          "weight_packed",
          "weight_scale",
          "weight_scale_inv",
          "weight_zero_point",
          "weight_blocks",
          "_data",
          "_scale",
          "codebooks",
          "zeros");

  private Quantisation() {}

  /** Refuses a model that is said to be quantised, before its weights are opened. */
  static void refuse(JsonNode config, ModelFiles files, String configName) throws IOException {
    for (String key : KEYS) {
      JsonNode value = config.path(key);
      if (value.isObject() && !value.isEmpty()) {
        throw refused(files.shown(), maker(value), configName + " has " + key);
      }
    }
    for (String name : FILES) {
      if (files.exists(name)) {
        throw refused(files.shown(), "its maker's tool", "there is " + name);
      }
    }
  }

  /**
   * What in {@code model} shows that its weights are packed; empty where nothing does.
   *
   * @return names of tensors, a few
   */
  public static List<String> traces(ModelFolder model) {
    return model.names().stream()
        .filter(
            name ->
                Stream.of(name.split("\\.")).skip(1).anyMatch(PARTS::contains)
                    || name.contains("quant_state."))
        .limit(3)
        .collect(Collectors.toList());
  }

  /** The failure for a model that is quantised, as {@code reason} shows. */
  public static InputException refused(String folder, String maker, String reason) {
    return new InputException(
        "The model folder %s is quantised by %s (%s); weights of float32, float16 or bfloat16 are expected. Take the unquantised folder of the same model."
            .formatted(folder, maker, reason));
  }

  private static String maker(JsonNode value) {
    if (value.hasNonNull("quant_method")) {
      return Shown.of(value.get("quant_method").asText());
    }
    return value.path("load_in_4bit").asBoolean() || value.path("load_in_8bit").asBoolean()
        ? "bitsandbytes"
        : "its maker's tool";
  }
}
