package org.dapt.config;

import org.dapt.config.read.SettingReader;

/**
 * The shape of a block.
 *
 * @param r rank, at least 1
 * @param alpha the product of a block's matrices is scaled by {@code alpha / r}; above 0
 */
public record LoraSettings(int r, double alpha) {
  static LoraSettings read(SettingReader in) {
    return new LoraSettings(in.wholeNumber("lora.r", 1), in.positive("lora.alpha"));
  }
}
