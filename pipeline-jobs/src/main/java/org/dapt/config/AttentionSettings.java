package org.dapt.config;

import org.dapt.config.key.AsBefore;
import org.dapt.config.read.SettingReader;

/**
 * The attention over the bank of blocks.
 *
 * @param hidden width of the hidden layer of the query projection, at least 1
 * @param temperature divides the logits together with the root of their width; above 0
 * @param center whether the attention sees of an input what sets it apart from random texts
 * @param initialKey where a new key starts
 * @param learningRate of keys and query network, at least 0; 0 for that of the task
 */
public record AttentionSettings(
    int hidden,
    double temperature,
    @AsBefore("false") boolean center,
    @AsBefore("uniform") InitialKey initialKey,
    @AsBefore("0") double learningRate) {
  static AttentionSettings read(SettingReader in) {
    return new AttentionSettings(
        in.wholeNumber("attention.hidden", 1),
        in.positive("attention.temperature"),
        in.flag("attention.center"),
        in.choice("attention.initial-key", InitialKey.class),
        in.number("attention.learning-rate", v -> v >= 0, "a number of at least 0"));
  }
}
