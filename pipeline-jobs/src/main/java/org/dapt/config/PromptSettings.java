package org.dapt.config;

import org.dapt.config.read.SettingReader;

/**
 * The shape of a soft prompt.
 *
 * @param length number of embeddings, at least 1
 */
public record PromptSettings(int length) {
  static PromptSettings read(SettingReader in) {
    return new PromptSettings(in.wholeNumber("prompt.length", 1));
  }
}
