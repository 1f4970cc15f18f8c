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
 * @param cutTargets answers of those looked at that are longer
 * @param bounded whether the model, or what a first run can take, holds less than nearly all texts
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
    long cutTargets,
    boolean bounded,
    int globalBatch,
    int epochs,
    int maxSteps,
    int microBatchTokens,
    boolean recompute) {
  /** Sizes that micro-batches are tried with, the largest first. */
  static final List<Integer> MICRO_BATCHES = List.of(4096, 2048, 1024, 512, 256);

  /** Tokens of an input or an answer, at most. */
  static final int LONGEST = 2048;

  private static final int STEPS = 250;
  private static final int MOST_STEPS = 1500;
  private static final int MOST_EPOCHS = 10;

  /** Those for {@code survey}, with the largest micro-batches. */
  static Proposal of(Configuration hadoop, Survey survey, String model) {
    return of(Models.tokenRules(model, hadoop), survey);
  }

  /** Those for a model with {@code rules}. */
  static Proposal of(TokenRules rules, Survey survey) {
    int allTargets = Math.max(4, survey.targets().nearlyAll(4));
    int allSources = Math.max(16, survey.sources().nearlyAll(8));
    int target = Math.min(LONGEST, allTargets);
    int source = Math.min(LONGEST, allSources);
    int positions = rules.positions();
    if (positions > 0 && !rules.sourceEnds()) {
      // An answer may take what inputs leave, and half of all where these are long, too.
      target = Math.min(target, Math.max(positions / 2, positions - source));
      source = Math.min(source, positions - target);
    }
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
        target,
        survey.sources().beyond(source),
        survey.targets().beyond(target),
        source < allSources || target < allTargets,
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
        cutTargets,
        bounded,
        globalBatch,
        epochs,
        maxSteps,
        Math.max(tokens, maxSourceTokens),
        again);
  }
}
