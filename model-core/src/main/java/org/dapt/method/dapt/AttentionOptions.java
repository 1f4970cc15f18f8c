package org.dapt.method.dapt;

import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.dapt.method.MethodContext;
import org.dapt.method.Sections;

/**
 * The section {@code attention}.
 *
 * @param hidden width of the query network's hidden layer
 * @param temperature the attention's logits are divided by temperature · √d
 * @param center whether the attention sees of an input what sets it apart from random texts
 * @param fittedKey whether a new key is fitted to its task, or drawn
 * @param ownShare which share of its own inputs' weight a new block is held at; 0 for none
 * @param rateFactor learning rate of keys and query network, as a factor of the task's
 * @param queriesLearn whether the query network is learnt, or stays as it was drawn
 * @param learnsInMixture whether a task is learnt within the mixture of all blocks, or by its own
 *     block alone
 * @param selects whether the attention chooses blocks, or all have the same weight
 */
record AttentionOptions(
    int hidden,
    double temperature,
    boolean center,
    boolean fittedKey,
    double ownShare,
    double rateFactor,
    boolean queriesLearn,
    boolean learnsInMixture,
    boolean selects) {
  private static final String FITTED = "fitted";
  private static final String MIXTURE = "mixture";
  private static final String ATTENTION = "attention";

  static AttentionOptions of(MethodContext context) {
    return of(context.sections());
  }

  static AttentionOptions of(Sections sections) {
    return sections.shared(
        ATTENTION,
        in ->
            new AttentionOptions(
                in.wholeNumber("hidden", 1, null),
                in.positive("temperature", null),
                in.flag("center", false),
                in.choice("initial-key", List.of(FITTED, "uniform"), "uniform").equals(FITTED),
                in.number("own-share", 0, 0.999, 0.0),
                in.positive("learning-rate-factor", 1.0),
                in.flag("train-queries", true),
                in.choice("learning", List.of(MIXTURE, "own-block"), MIXTURE).equals(MIXTURE),
                in.choice("selection", List.of(ATTENTION, "uniform"), ATTENTION)
                    .equals(ATTENTION)));
  }

  /** The weights with which an input is answered, where the attention has {@code weights}. */
  Tensor answering(Tensor weights) {
    return selects ? weights : torch.full_like(weights, new Scalar(1.0 / weights.size(1)));
  }

  /** How many numbers of the attention are learnt with a task, for a model of {@code width}. */
  long trained(long width) {
    return width + (queriesLearn ? QueryNetwork.numbers(width, hidden) : 0);
  }
}
