package org.dapt.adapter;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Projection;
import org.dapt.error.InputException;
import org.dapt.error.Shown;
import org.dapt.io.SafetensorsFile;
import org.dapt.pet.LoraBlock;
import org.dapt.pet.LoraScale;
import org.dapt.tensor.NamedTensors;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/**
 * Reads adapters of PEFT as blocks. What a block could not express is refused, see {@link
 * PeftConfigCheck}.
 *
 * @param config what {@code adapter_config.json} holds
 * @param configOrigin where it came from, for messages
 * @param weights the adapter's tensors
 * @param taskType {@code task_type} of adapters of the model that the block is for
 */
public record PeftReader(
    JsonNode config, String configOrigin, SafetensorsFile weights, String taskType) {
  private static final int NAMED = 3;

  /**
   * The LoRA block. PEFT scales the product of a module's matrices by {@code lora_alpha / r}, or
   * {@code lora_alpha / √r} with {@code use_rslora}, both of them the module's own where {@code
   * rank_pattern} or {@code alpha_pattern} name it; where that is not the scale of the run, B is
   * multiplied by the quotient.
   *
   * @param adapted the projections that a block of the run adapts
   * @param scale of the run
   * @param placement of the tensors returned, which belong to the open scope
   * @throws InputException if the adapter does not fit, or is of a kind that a block cannot express
   */
  public Map<String, Tensor> lora(List<Projection> adapted, LoraScale scale, Placement placement) {
    PeftConfigCheck check = check("LORA");
    double rank = check.positive("r");
    Map<String, Tensor> block = new TreeMap<>();
    Set<String> foreign = new TreeSet<>();
    Set<String> modules = new TreeSet<>();
    adapted.forEach(projection -> modules.add(projection.name()));
    NamedTensors.readReal(weights, placement)
        .forEach(
            (name, tensor) -> {
              String own = own(name);
              if (own != null && modules.contains(own.substring(0, own.lastIndexOf('.')))) {
                block.put(own, tensor);
              } else {
                foreign.add(name);
              }
            });
    if (!foreign.isEmpty()) {
      throw new InputException(
          "%s holds %s%s, which no block of this run has: expected lora_A and lora_B of %s in every layer. The adapter has other target_modules than lora.targets, or another base model."
              .formatted(
                  weights.origin(),
                  String.join(", ", foreign.stream().limit(NAMED).toList()),
                  foreign.size() > NAMED ? " and " + (foreign.size() - NAMED) + " more" : "",
                  String.join(" and ", roles(adapted))));
    }
    requireAll(block, adapted);
    LoraBlock.of(block).check(adapted, weights.origin());
    double alpha = check.positive("lora_alpha");
    boolean rankStabilised = config.path("use_rslora").asBoolean();
    block.replaceAll(
        (name, tensor) -> {
          String module = name.substring(0, name.lastIndexOf('.'));
          double r = check.pattern("rank_pattern").of(module, rank);
          requireRank(name, tensor, r);
          double own = check.pattern("alpha_pattern").of(module, alpha);
          double factor = new LoraScale(own, rankStabilised).of(r) / scale.of(r);
          return factor == 1 || !name.endsWith(PeftAdapters.B)
              ? tensor
              : tensor.mul(new Scalar(factor));
        });
    return block;
  }

  /**
   * The soft prompt: of PEFT's virtual tokens those that stand in front of the (encoder's) input.
   *
   * @param length number of embeddings of a run's prompt
   * @param prompts of how many prompts, one behind the other, the adapter is to consist
   * @param width expected size of an embedding
   * @param placement of the tensor returned, which belongs to the open scope
   * @throws InputException if the adapter does not fit, or is no plain prompt
   */
  public Map<String, Tensor> prompt(long length, int prompts, long width, Placement placement) {
    long rows = length * prompts;
    PeftConfigCheck check = check("PROMPT_TUNING");
    double tokens = check.positive("num_virtual_tokens");
    Tensor prompt = NamedTensors.readReal(weights, placement).get(PeftAdapters.PEFT_PROMPT);
    if (prompt == null
        || prompt.dim() != 2
        || tokens != rows
        || prompt.size(0) < rows
        || prompt.size(1) != width) {
      throw new InputException(
          "%s with %s = %s holds %s, expected %s of shape [%d, %d]. The adapter has another length than prompt.length of the run%s, or another base model."
              .formatted(
                  weights.origin(),
                  "num_virtual_tokens",
                  config.path("num_virtual_tokens").asText(),
                  prompt == null
                      ? weights.names().stream().limit(NAMED).toList()
                      : Arrays.toString(Tensors.shape(prompt)),
                  PeftAdapters.PEFT_PROMPT,
                  rows,
                  width,
                  prompts == 1
                      ? ""
                      : " times %d, for it holds the prompts of that many tasks, the newest first"
                          .formatted(prompts)));
    }
    return Map.of(PeftAdapters.PROMPT, prompt.narrow(0, 0, rows).contiguous());
  }

  /** An adapter of some layers or modules only is sound, but no block. */
  private void requireAll(Map<String, Tensor> block, List<Projection> adapted) {
    List<String> lacking =
        adapted.stream()
            .map(Projection::name)
            .filter(name -> !block.containsKey(name + PeftAdapters.A))
            .toList();
    if (lacking.isEmpty() || lacking.size() == adapted.size()) {
      return;
    }
    List<String> reasons = new ArrayList<>();
    for (String key : List.of("layers_to_transform", "exclude_modules")) {
      JsonNode value = config.path(key);
      if (value.isContainerNode() ? !value.isEmpty() : value.isTextual() || value.isNumber()) {
        reasons.add("%s is %s".formatted(key, Shown.of(value)));
      }
    }
    throw new InputException(
        "%s adapts %d of the %d projections that a block of this run has; it has no LoRA matrices for %s%s%s. Train the adapter on all of them, as target_modules %s do, or set lora.targets of the run to what it has."
            .formatted(
                weights.origin(),
                adapted.size() - lacking.size(),
                adapted.size(),
                String.join(", ", lacking.subList(0, Math.min(NAMED, lacking.size()))),
                lacking.size() > NAMED ? " and " + (lacking.size() - NAMED) + " more" : "",
                reasons.isEmpty()
                    ? ""
                    : " (in %s, %s)".formatted(configOrigin, String.join(" and ", reasons)),
                String.join(" and ", roles(adapted))));
  }

  /** What saving a sharded model without gathering it leaves behind. */
  private void requireElements() {
    for (String name : weights.names()) {
      if (weights.info(name).elements() == 0) {
        throw new InputException(
            "%s: tensor %s has no elements (its shape is %s). The adapter was saved without gathering its parts, as under DeepSpeed's ZeRO stage 3: save it again with stage3_gather_16bit_weights_on_model_save."
                .formatted(weights.origin(), name, Arrays.toString(weights.info(name).shape())));
      }
    }
  }

  private PeftConfigCheck check(String type) {
    PeftConfigCheck check = new PeftConfigCheck(config, configOrigin);
    check.requireType(type, taskType);
    check.run();
    requireElements();
    return check;
  }

  /** dapt's name of a LoRA matrix, null where {@code name} is none. */
  private static String own(String name) {
    if (!name.startsWith(PeftAdapters.PREFIX) || !name.endsWith(PeftAdapters.SUFFIX)) {
      return null;
    }
    String inner =
        name.substring(PeftAdapters.PREFIX.length(), name.length() - PeftAdapters.SUFFIX.length());
    return inner.endsWith(PeftAdapters.A) || inner.endsWith(PeftAdapters.B) ? inner : null;
  }

  private void requireRank(String name, Tensor matrix, double rank) {
    long found = matrix.size(name.endsWith(PeftAdapters.A) ? 0 : 1);
    if (found != rank) {
      throw new InputException(
          "%s: %s has rank %d, %s says r = %d. The two files belong to different adapters."
              .formatted(weights.origin(), name, found, configOrigin, (long) rank));
    }
  }

  private static Set<String> roles(List<Projection> adapted) {
    Set<String> roles = new TreeSet<>();
    adapted.forEach(projection -> roles.add(projection.role()));
    return roles;
  }
}
