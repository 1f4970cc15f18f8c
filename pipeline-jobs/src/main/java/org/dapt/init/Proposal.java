package org.dapt.init;

import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.dapt.data.reader.Split;
import org.dapt.models.Models;
import org.dapt.tokenizer.TokenRules;

/**
 * The numbers of a first configuration.
 *
 * @param maxSourceTokens most tokens of an input
 * @param maxTargetTokens most tokens of an answer
 * @param cutSources inputs of those looked at that are longer
 * @param globalBatch examples of a step
 * @param epochs passes over a task's examples
 * @param maxSteps most steps of a task; 0 for no bound
 * @param microBatchTokens tokens that are computed with at once
 * @param recompute whether activations are computed again
 */
record Proposal(
    int maxSourceTokens,
    int maxTargetTokens,
    long cutSources,
    int globalBatch,
    int epochs,
    int maxSteps,
    int microBatchTokens,
    boolean recompute) {
  /** Sizes that micro-batches are tried with, the largest first. */
  static final List<Integer> MICRO_BATCHES = List.of(4096, 2048, 1024, 512, 256);

  private static final int LONGEST = 2048;
  private static final int STEPS = 250;
  private static final int MOST_STEPS = 1500;
  private static final int MOST_EPOCHS = 10;

  /** Those for {@code survey}, with the largest micro-batches. */
  static Proposal of(Configuration hadoop, Survey survey, String model) {
    TokenRules rules = Models.tokenRules(model, hadoop);
    int target = Math.max(4, survey.targets().nearlyAll(4));
    int most =
        rules.positions() > 0 && !rules.sourceEnds()
            ? Math.min(LONGEST, Math.max(16, rules.positions() - target))
            : LONGEST;
    int source = Math.min(most, Math.max(16, survey.sources().nearlyAll(8)));
    long examples =
        survey.samples().values().stream()
            .mapToLong(sample -> sample.rows().get(Split.TRAIN))
            .sorted()
            .skip(survey.samples().size() / 2)
            .findFirst()
            .orElseThrow();
    int batch = examples < 2000 ? 8 : examples < 20_000 ? 16 : 32;
    long steps = Math.max(1, (examples + batch - 1) / batch);
    int epochs = (int) Math.max(1, Math.min(MOST_EPOCHS, Math.round((double) STEPS / steps)));
    return new Proposal(
        source,
        Math.min(LONGEST, target),
        survey.sources().beyond(source),
        batch,
        epochs,
        steps * epochs > MOST_STEPS ? MOST_STEPS : 0,
        Math.max(MICRO_BATCHES.get(0), source),
        false);
  }

  /** The same with smaller micro-batches. */
  Proposal with(int tokens, boolean again) {
    return new Proposal(
        maxSourceTokens,
        maxTargetTokens,
        cutSources,
        globalBatch,
        epochs,
        maxSteps,
        Math.max(tokens, maxSourceTokens),
        again);
  }
}
