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
 * @param ownShare share of its own inputs' weight that a new block is held at, 0 for none
 * @param learningRateFactor learning rate of keys and query network, as a factor of the task's;
 *     above 0
 * @param trainQueries whether the query network is learnt, or stays as it was drawn
 * @param learning what answers a new task's inputs while it is learnt
 * @param selection what weighs the blocks when inputs are answered
 */
public record AttentionSettings(
    int hidden,
    double temperature,
    @AsBefore("false") boolean center,
    @AsBefore("uniform") InitialKey initialKey,
    @AsBefore("0") double ownShare,
    @AsBefore("1") double learningRateFactor,
    @AsBefore("true") boolean trainQueries,
    @AsBefore("mixture") AttentionLearning learning,
    @AsBefore("attention") AttentionSelection selection) {
  static AttentionSettings read(SettingReader in) {
    return new AttentionSettings(
        in.wholeNumber("attention.hidden", 1),
        in.positive("attention.temperature"),
        in.flag("attention.center"),
        in.choice("attention.initial-key", InitialKey.class),
        in.number("attention.own-share", v -> v >= 0 && v < 1, "a number of at least 0, below 1"),
        in.positive("attention.learning-rate-factor"),
        in.flag("attention.train-queries"),
        in.choice("attention.learning", AttentionLearning.class),
        in.choice("attention.selection", AttentionSelection.class));
  }
}
