package org.dapt.config;

import org.dapt.config.key.AsBefore;
import org.dapt.config.read.SettingReader;

/**
 * Soft prompts.
 *
 * @param length number of embeddings, at least 1
 * @param learningRateFactor learning rate of prompts, as a factor of the task's times the size of
 *     the model's embeddings; 0 for the task's as it is
 */
public record PromptSettings(int length, @AsBefore("0") double learningRateFactor) {
  static PromptSettings read(SettingReader in) {
    return new PromptSettings(
        in.wholeNumber("prompt.length", 1),
        in.number("prompt.learning-rate-factor", v -> v >= 0, "a number of at least 0"));
  }
}
