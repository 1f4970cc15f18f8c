package org.dapt.config;

import org.dapt.config.read.SettingReader;

/**
 * The attention over the bank of blocks.
 *
 * @param hidden width of the hidden layer of the query projection, at least 1
 * @param temperature divides the logits together with the root of their width; above 0
 */
public record AttentionSettings(int hidden, double temperature) {
  static AttentionSettings read(SettingReader in) {
    return new AttentionSettings(
        in.wholeNumber("attention.hidden", 1), in.positive("attention.temperature"));
  }
}
