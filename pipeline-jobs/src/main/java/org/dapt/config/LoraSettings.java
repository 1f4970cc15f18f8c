package org.dapt.config;

import java.util.List;
import org.dapt.config.key.AsBefore;
import org.dapt.config.read.SettingReader;
import org.dapt.pet.LoraScale;
import org.dapt.pet.LoraStart;

/**
 * LoRA blocks.
 *
 * @param r rank, at least 1
 * @param alpha the product of a block's matrices is scaled by {@code alpha / r}; above 0
 * @param targets names of the linear layers that have a block, sorted
 * @param init what a block begins with
 * @param rslora whether the scale is {@code alpha / √r} instead
 * @param dropout of what a block sees in training, at least 0 and below 1
 */
public record LoraSettings(
    int r,
    double alpha,
    @AsBefore("[q, v]") List<String> targets,
    @AsBefore("kaiming") LoraStart init,
    @AsBefore("false") boolean rslora,
    @AsBefore("0") double dropout) {
  /** Keeps a copy of {@code targets}. */
  public LoraSettings {
    targets = List.copyOf(targets);
  }

  static LoraSettings read(SettingReader in) {
    return new LoraSettings(
        in.wholeNumber("lora.r", 1),
        in.positive("lora.alpha"),
        in.names("lora.targets").stream().sorted().distinct().toList(),
        in.choice("lora.init", LoraStart.class),
        in.flag("lora.rslora"),
        in.number("lora.dropout", v -> v >= 0 && v < 1, "a number of at least 0 and below 1"));
  }

  /** By what a block's product is scaled. */
  public LoraScale scale() {
    return new LoraScale(alpha, rslora);
  }
}
