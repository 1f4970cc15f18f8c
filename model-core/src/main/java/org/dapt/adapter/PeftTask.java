package org.dapt.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/** PEFT's names for what a model is for. */
public final class PeftTask {
  private static final Set<String> ENCODER_DECODERS = Set.of("t5", "mt5");

  private PeftTask() {}

  /**
   * The {@code task_type} of adapters of a model.
   *
   * @param modelConfig the model's {@code config.json}
   */
  public static String of(JsonNode modelConfig) {
    boolean encoderDecoder =
        modelConfig
            .path("is_encoder_decoder")
            .asBoolean(ENCODER_DECODERS.contains(modelConfig.path("model_type").asText()));
    return encoderDecoder ? "SEQ_2_SEQ_LM" : "CAUSAL_LM";
  }
}
