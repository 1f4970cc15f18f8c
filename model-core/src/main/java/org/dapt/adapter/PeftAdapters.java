package org.dapt.adapter;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.dapt.error.InputException;
import org.dapt.io.JsonObjects;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.LoraStart;
import org.dapt.pet.PromptBlock;

/**
 * Writes blocks as PEFT's adapters. A block of LoRA matrices becomes an adapter of type {@code
 * LORA}, a soft prompt one of type {@code PROMPT_TUNING}.
 */
public final class PeftAdapters {
  /** In front of the path of every module in PEFT's names. */
  static final String PREFIX = "base_model.model.";

  /** Behind the name of a matrix. */
  static final String SUFFIX = ".weight";

  static final String A = LoraBlock.A;
  static final String B = LoraBlock.B;
  static final String PROMPT = PromptBlock.PROMPT;
  static final String PEFT_PROMPT = "prompt_embeddings";

  private PeftAdapters() {}

  /**
   * The adapter of {@code block}.
   *
   * @param kind what the block consists of
   * @param block tensors by dapt's names
   * @param lora what else there is to say of LoRA blocks
   * @param taskType as {@link PeftTask#of} gives it
   * @param baseModel name or path of the base model
   * @param origin where the block came from, for messages
   * @throws InputException if the block is of a kind that PEFT has no format for
   */
  public static PeftFiles of(
      BlockKind kind,
      Map<String, Tensor> block,
      PeftLora lora,
      String taskType,
      String baseModel,
      String origin) {
    return switch (kind) {
      case LORA -> lora(block, lora, taskType, baseModel, origin);
      case PROMPT -> prompt(block.get(PROMPT), taskType, baseModel);
      case GATED_LORA ->
          throw new InputException(
              "%s is scaled by a gate that depends on the input, which PEFT has no place for: only LoRA matrices and soft prompts that are the same for every input can be written for it."
                  .formatted(origin));
      case OTHER ->
          throw new InputException(
              "%s is of a kind of its method's own: only LoRA matrices and soft prompts can be written for PEFT."
                  .formatted(origin));
    };
  }

  private static PeftFiles lora(
      Map<String, Tensor> block, PeftLora lora, String taskType, String baseModel, String origin) {
    Map<String, Tensor> tensors = new TreeMap<>();
    SortedMap<String, Long> ranks = new TreeMap<>();
    block.forEach(
        (name, tensor) -> {
          int end = Math.max(name.lastIndexOf(A), name.lastIndexOf(B));
          if (end < 1 || end + A.length() != name.length() || tensor.dim() != 2) {
            throw new InputException(
                "%s holds the tensor %s: only LoRA matrices and soft prompts can be written for PEFT."
                    .formatted(origin, name));
          }
          ranks.put(name.substring(0, end), tensor.size(name.endsWith(A) ? 0 : 1));
          tensors.put(PREFIX + name + SUFFIX, tensor);
        });
    long rank = commonest(ranks.values());
    ObjectNode config = common("LORA", taskType, baseModel);
    config.putObject("alpha_pattern");
    config.put("bias", "none");
    config.put("fan_in_fan_out", false);
    if (lora.start() == LoraStart.KAIMING) {
      config.put("init_lora_weights", true);
    } else {
      config.put("init_lora_weights", lora.start().text());
    }
    config.putNull("layers_pattern");
    config.putNull("layers_to_transform");
    putNumber(config, "lora_alpha", lora.scale().alpha());
    config.put("lora_bias", false);
    config.put("lora_dropout", lora.dropout());
    config.putNull("modules_to_save");
    config.put("r", rank);
    ObjectNode others = config.putObject("rank_pattern");
    ranks.forEach(
        (module, own) -> {
          if (own != rank) {
            others.put(module, own);
          }
        });
    ArrayNode targets = config.putArray("target_modules");
    lora.targets().peftNames(List.copyOf(ranks.keySet())).forEach(targets::add);
    config.put("use_dora", false);
    config.put("use_rslora", lora.scale().rankStabilised());
    return new PeftFiles(config, tensors);
  }

  /** The rank that most modules have, of several such ones the smallest. */
  private static long commonest(Collection<Long> ranks) {
    Map<Long, Long> counts =
        ranks.stream()
            .collect(Collectors.groupingBy(rank -> rank, TreeMap::new, Collectors.counting()));
    long most = Collections.max(counts.values());
    return counts.keySet().stream()
        .filter(rank -> counts.get(rank) == most)
        .findFirst()
        .orElseThrow();
  }

  private static PeftFiles prompt(Tensor prompt, String taskType, String baseModel) {
    ObjectNode config = common("PROMPT_TUNING", taskType, baseModel);
    config.put("num_virtual_tokens", prompt.size(0));
    config.put("token_dim", prompt.size(1));
    // The prompt stands in front of the encoder's input alone.
    config.put("num_transformer_submodules", 1);
    // PEFT takes these two from the model.
    config.putNull("num_attention_heads");
    config.putNull("num_layers");
    config.put("prompt_tuning_init", "RANDOM");
    config.putNull("prompt_tuning_init_text");
    config.putNull("tokenizer_name_or_path");
    return new PeftFiles(config, Map.of(PEFT_PROMPT, prompt));
  }

  private static ObjectNode common(String type, String taskType, String baseModel) {
    ObjectNode config = JsonObjects.create();
    config.put("peft_type", type);
    config.put("task_type", taskType);
    config.put("base_model_name_or_path", baseModel);
    config.putNull("auto_mapping");
    config.putNull("revision");
    config.put("inference_mode", true);
    return config;
  }

  /** Whole numbers as such: that is how PEFT writes α. */
  private static void putNumber(ObjectNode config, String key, double value) {
    if (value == Math.rint(value) && Math.abs(value) < Integer.MAX_VALUE) {
      config.put(key, (int) value);
    } else {
      config.put(key, value);
    }
  }
}
