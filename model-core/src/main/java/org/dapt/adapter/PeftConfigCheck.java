package org.dapt.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import org.dapt.error.InputException;
import org.dapt.error.Shown;

/**
 * Refuses adapters of PEFT that compute something else than {@code W x + s B A x}, or put something
 * else than a prompt in front of the input.
 *
 * @param config what {@code adapter_config.json} holds
 * @param origin where it came from, for messages
 */
record PeftConfigCheck(JsonNode config, String origin) {
  /** Keys that do not change what a stored adapter computes, or that are looked at elsewhere. */
  private static final Set<String> HARMLESS =
      Set.of(
          "alpha_pattern",
          "auto_mapping",
          "base_model_name_or_path",
          "bias",
          "corda_config",
          "ensure_weight_tying",
          "eva_config",
          "exclude_modules",
          "inference_mode",
          "init_lora_weights",
          "layers_pattern",
          "layers_to_transform",
          "loftq_config",
          "lora_alpha",
          "lora_dropout",
          "lora_ga_config",
          "megatron_config",
          "megatron_core",
          "num_attention_heads",
          "num_layers",
          "num_transformer_submodules",
          "num_virtual_tokens",
          "peft_type",
          "peft_version",
          "prompt_tuning_init",
          "prompt_tuning_init_text",
          "qalora_group_size",
          "r",
          "rank_pattern",
          "revision",
          "runtime_config",
          "target_modules",
          "task_type",
          "token_dim",
          "tokenizer_kwargs",
          "tokenizer_name_or_path",
          "use_rslora");

  /** Ways to begin with that leave the base model as it is; others take their part out of it. */
  private static final Set<String> PLAIN_STARTS =
      Set.of("true", "false", "gaussian", "eva", "orthogonal");

  private static final Map<String, String> NAMES =
      Map.of(
          "use_dora", "DoRA",
          "lora_bias", "biases beside the matrices",
          "modules_to_save", "modules that were trained whole",
          "fan_in_fan_out", "transposed weights");

  /** Refuses what is not understood. */
  void run() {
    for (Map.Entry<String, JsonNode> entry : config.properties()) {
      String key = entry.getKey();
      if (!HARMLESS.contains(key) && isSet(entry.getValue())) {
        String name = NAMES.containsKey(key) ? " (" + NAMES.get(key) + ")" : "";
        throw unsupported(
            "sets %s to %s%s".formatted(Shown.of(key), Shown.of(entry.getValue()), name));
      }
    }
    pattern("rank_pattern").check();
    pattern("alpha_pattern").check();
    String bias = config.path("bias").asText("none");
    if (!bias.equals("none")) {
      throw unsupported("has trained biases (bias is %s)".formatted(Shown.of(bias)));
    }
    String start = config.path("init_lora_weights").asText("true");
    if (!PLAIN_STARTS.contains(start)) {
      throw unsupported(
          "was begun with init_lora_weights = %s, which changes the base model"
              .formatted(Shown.of(start)));
    }
  }

  /**
   * Checks the kind of adapter and of model.
   *
   * @param type the expected {@code peft_type}
   * @param taskType the expected {@code task_type}, which may also be missing
   */
  void requireType(String type, String taskType) {
    String found = config.path("peft_type").asText("");
    if (!found.equals(type)) {
      throw new InputException(
          "%s has peft_type %s, this run's method takes adapters of type %s. Give one of that type, or import into a run with another method.name."
              .formatted(origin, found.isEmpty() ? "none" : Shown.of(found), type));
    }
    String task = config.path("task_type").asText(taskType);
    if (!task.equals(taskType)) {
      throw new InputException(
          "%s has task_type %s, an adapter of this run's model has %s. The adapter belongs to another kind of model."
              .formatted(origin, Shown.of(task), taskType));
    }
  }

  /** Values for some modules. */
  PeftPattern pattern(String key) {
    return new PeftPattern(config.path(key), key, origin);
  }

  /** The number at {@code key}, which is above 0. */
  double positive(String key) {
    JsonNode value = config.path(key);
    if (!value.isNumber() || !(value.doubleValue() > 0) || Double.isInfinite(value.doubleValue())) {
      throw new InputException(
          "%s: a number above 0 is expected at %s, found %s. Write the adapter again."
              .formatted(origin, key, value.isMissingNode() ? "nothing" : Shown.of(value)));
    }
    return value.doubleValue();
  }

  private InputException unsupported(String what) {
    return new InputException(
        "%s %s; a block of dapt is a plain pair of LoRA matrices for each adapted projection, or a plain prompt. Train the adapter again without it, or merge it into the base model."
            .formatted(origin, what));
  }

  private static boolean isSet(JsonNode value) {
    return switch (value.getNodeType()) {
      case NULL, MISSING -> false;
      case BOOLEAN -> value.booleanValue();
      case ARRAY, OBJECT -> !value.isEmpty();
      default -> true;
    };
  }
}
