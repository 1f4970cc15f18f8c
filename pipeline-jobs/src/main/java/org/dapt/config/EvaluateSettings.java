package org.dapt.config;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import org.dapt.config.key.AsBefore;
import org.dapt.config.key.MayChange;
import org.dapt.config.key.NotHashed;
import org.dapt.config.read.Reference;
import org.dapt.config.read.SettingReader;

/**
 * How learnt tasks are evaluated.
 *
 * @param maxNewTokens most tokens that are decoded, at least 1
 * @param batchTokens source tokens per decoded batch, padding included
 * @param cleanUpSpaces whether spaces before punctuation are taken out of answers
 * @param split whose examples are answered
 * @param overlap whether an evaluation may run beside the training of the next task
 * @param singleTaskRun directory of the single-task run that forward transfer is measured against,
 *     null for none
 * @param unseen folder of tasks that are evaluated though they are never learnt, null for none
 * @param categories the category of some of them, by their names, in place of what their files say
 */
public record EvaluateSettings(
    int maxNewTokens,
    @MayChange int batchTokens,
    @AsBefore("false") boolean cleanUpSpaces,
    @AsBefore("test") EvaluatedSplit split,
    @NotHashed boolean overlap,
    @NotHashed String singleTaskRun,
    @NotHashed String unseen,
    @NotHashed SortedMap<String, String> categories) {
  /** Keeps a copy. */
  public EvaluateSettings {
    categories = Collections.unmodifiableSortedMap(new TreeMap<>(categories));
  }

  EvaluateSettings withoutUnseen() {
    return new EvaluateSettings(
        maxNewTokens,
        batchTokens,
        cleanUpSpaces,
        split,
        overlap,
        singleTaskRun,
        null,
        new TreeMap<>());
  }

  static EvaluateSettings read(SettingReader in) {
    return new EvaluateSettings(
        in.wholeNumber("evaluate.max-new-tokens", 1),
        in.wholeNumber("evaluate.batch-tokens", 1),
        in.flag("evaluate.clean-up-spaces"),
        in.choice("evaluate.split", EvaluatedSplit.class),
        in.flag("evaluate.overlap"),
        in.optionalPath("evaluate.single-task-run"),
        in.optionalPath("evaluate.unseen"),
        in.texts(Reference.CATEGORIES));
  }
}
