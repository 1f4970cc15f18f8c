package org.dapt.peft;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.bytedeco.pytorch.Tensor;
import org.dapt.adapter.PeftAdapters;
import org.dapt.adapter.PeftFiles;
import org.dapt.adapter.PeftLora;
import org.dapt.adapter.PeftTask;
import org.dapt.config.DaptConfig;
import org.dapt.config.LoraSettings;
import org.dapt.io.ModelFolder;
import org.dapt.models.Models;
import org.dapt.pet.BlockKind;
import org.dapt.pet.LoraTargets;

/**
 * What the files of an adapter hold.
 *
 * @param config of the run
 * @param kind of its blocks
 */
record AdapterContents(DaptConfig config, Configuration hadoop, BlockKind kind) {
  /** The files of a block. */
  Map<String, byte[]> of(
      Map<String, Tensor> block, PeftLora lora, String baseModel, String origin) {
    String model = baseModel == null ? config.model().path() : baseModel;
    PeftFiles files = PeftAdapters.of(kind, block, lora, taskType(config, hadoop), model, origin);
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
