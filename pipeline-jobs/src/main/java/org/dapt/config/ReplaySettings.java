package org.dapt.config;

import org.dapt.config.read.SettingReader;

/**
 * The generators of pseudo samples.
 *
 * @param steps optimizer steps of a generator's training
 * @param learningRate constant
 * @param globalBatch examples of a step over all ranks
 * @param r rank of a generator's LoRA block
 * @param alpha its scale is alpha / r
 * @param dropout on the block's inputs, at least 0 and below 1
 * @param topK tokens to draw from
 * @param repetitionPenalty at least 1, which is none
 * @param maxTokens longest sample in tokens, in training and when it is drawn
 * @param maxAttempts how often a sample is drawn before it is given up
 */
public record ReplaySettings(
    int steps,
    double learningRate,
    int globalBatch,
    int r,
    double alpha,
    double dropout,
    int topK,
    double repetitionPenalty,
    int maxTokens,
    int maxAttempts) {
  static ReplaySettings read(SettingReader in) {
    return new ReplaySettings(
        in.wholeNumber("replay.steps", 1),
        in.positive("replay.learning-rate"),
        in.wholeNumber("replay.global-batch", 1),
        in.wholeNumber("replay.r", 1),
        in.positive("replay.alpha"),
        in.number("replay.dropout", v -> v >= 0 && v < 1, "a number of at least 0 and below 1"),
        in.wholeNumber("replay.top-k", 1),
        in.number("replay.repetition-penalty", v -> v >= 1, "a number of at least 1"),
        in.wholeNumber("replay.max-tokens", 1),
        in.wholeNumber("replay.max-attempts", 1));
  }
}
