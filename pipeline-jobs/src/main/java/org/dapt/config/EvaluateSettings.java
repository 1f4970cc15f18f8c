package org.dapt.config;

/**
 * How learnt tasks are evaluated.
 *
 * @param maxNewTokens most tokens that are decoded, at least 1
 * @param batchTokens source tokens per decoded batch, padding included
 * @param singleTaskRun directory of the single-task run that forward transfer is measured against,
 *     null for none
 */
public record EvaluateSettings(int maxNewTokens, int batchTokens, String singleTaskRun) {
  static EvaluateSettings read(SettingReader in) {
    return new EvaluateSettings(
        in.wholeNumber("evaluate.max-new-tokens", 1),
        in.wholeNumber("evaluate.batch-tokens", 1),
        in.optionalPath("evaluate.single-task-run"));
  }
}
