package org.dapt.peft;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.pytorch.Tensor;
import org.dapt.adapter.PeftAdapters;
import org.dapt.adapter.PeftFiles;
import org.dapt.adapter.PeftLora;
import org.dapt.adapter.PeftTask;
import org.dapt.config.DaptConfig;
import org.dapt.config.LoraSettings;
import org.dapt.error.ConfigException;
import org.dapt.error.InputException;
import org.dapt.io.ModelFolder;
import org.dapt.job.AtOnce;
import org.dapt.method.ContinualMethod;
import org.dapt.method.LearntTask;
import org.dapt.method.Trait;
import org.dapt.models.Models;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraTargets;
import org.dapt.pet.PromptBlock;
import org.dapt.pet.PromptChain;

/**
 * What the files of an adapter hold.
 *
 * @param config of the run
 * @param method the run's
 */
record AdapterContents(DaptConfig config, Configuration hadoop, ContinualMethod method) {
  /**
   * The block that an adapter of a task holds: what answers its inputs without the rest of the run,
   * as far as one block can.
   *
   * @param learnt what is kept of the task
   * @param position its place in the order of learning, from 1
   * @param upToIt reads the tasks up to it, it included, the oldest first
   * @throws InputException if nothing was learnt with it
   * @throws ConfigException if no adapter holds what the method learns
   */
  Map<String, Tensor> block(LearntTask learnt, int position, Supplier<List<LearntTask>> upToIt) {
    if (learnt.block().isEmpty()) {
      throw new InputException(
          "Nothing was learnt with task %s: %s"
              .formatted(
                  learnt.task(),
                  AtOnce.defers(config, position)
                      ? "method %s learns all tasks with the last one, which has the block"
                          .formatted(method.name())
                      : "method %s learns nothing".formatted(method.name())));
    }
    if (method.block() == BlockKind.OTHER) {
      throw new ConfigException(
          "What the method %s learns of a task is of a kind of its own, which no adapter of PEFT holds: only LoRA matrices and soft prompts can be exported. Answer inputs with dapt predict, or learn the tasks by a method whose blocks are of these kinds."
              .formatted(method.name()));
    }
    if (method.block() == BlockKind.GATED_LORA) {
      throw new ConfigException(
          "Task %s was learnt by %s, which scales its block by a gate that depends on the input: no adapter of PEFT holds that. Use dapt merge-view for the adapter of one input."
              .formatted(learnt.task(), method.name()));
    }
    if (!method.has(Trait.CHAINS_BLOCKS)) {
      return learnt.block();
    }
    List<Tensor> prompts = new ArrayList<>();
    upToIt.get().forEach(task -> prompts.add(task.block().get(PromptBlock.PROMPT)));
    return new PromptBlock(PromptChain.of(prompts)).tensors();
  }

  /** The files of a block. */
  Map<String, byte[]> of(
      Map<String, Tensor> block, PeftLora lora, String baseModel, String origin) {
    String model = baseModel == null ? config.model().path() : baseModel;
    PeftFiles files =
        PeftAdapters.of(
            method.block().mixed(), block, lora, taskType(config, hadoop), model, origin);
    Map<String, byte[]> contents = new LinkedHashMap<>();
    contents.put(PeftFiles.WEIGHTS, files.weightBytes());
    contents.put(PeftFiles.CONFIG, files.configBytes());
    return contents;
  }

  /** What the run says of its LoRA blocks. */
  PeftLora lora() {
    LoraSettings lora = config.lora();
    return new PeftLora(lora.scale(), new LoraTargets(lora.targets()), lora.init(), lora.dropout());
  }

  /** The {@code task_type} of adapters of the model in {@code config}. */
  static String taskType(DaptConfig config, Configuration hadoop) {
    try (ModelFolder folder = Models.open(config.model().path(), hadoop)) {
      return PeftTask.of(folder.config());
    }
  }
}
