package org.dapt.method.lfpt5;

import java.math.BigDecimal;
import java.util.List;
import org.dapt.method.OptionReader;
import org.dapt.method.Rehearsal;

/**
 * The section {@code method.options}.
 *
 * @param lambdaGenerator factor of the generator's cross-entropy
 * @param lambdaDivergence factor of the divergence from the prompt before the task, below 1
 * @param summed whether the divergence is summed over target positions, or their mean
 * @param published whether the terms are weighed as in the published code, or as in the paper
 * @param share generated examples of a task as a share of its training examples
 * @param batchShare generated examples' part of a batch; null for that which they are of generated
 *     and new ones together
 * @param labels see {@link org.dapt.method.Recollection#mostLabels}
 */
record Lfpt5Options(
    double lambdaGenerator,
    double lambdaDivergence,
    boolean summed,
    boolean published,
    double share,
    Double batchShare,
    int labels) {
  static Lfpt5Options read(OptionReader in) {
    boolean fixed =
        in.choice("mixing", List.of("proportional", "fixed"), "proportional").equals("fixed");
    double batchShare = in.number("batch-share", 1e-9, 0.999, 0.2);
    return new Lfpt5Options(
        in.number("lambda-lm", 0, 1e9, 0.25),
        in.number("lambda-kl", 0, 0.999, 0.01),
        in.choice("divergence", List.of("sum", "mean"), "sum").equals("sum"),
        in.choice("weights", List.of("paper", "published"), "paper").equals("published"),
        in.number("share", 1e-9, 1, 0.02),
        fixed ? batchShare : null,
        in.wholeNumber("labels", 0, 20));
  }

  /**
   * The factor of the divergence in the loss. The published code weighs the other terms by {@code 1
   * - lambda}: here its loss is divided by that, which AdamW does not notice.
   */
  double factorOfDivergence() {
    return published ? lambdaDivergence / (1 - lambdaDivergence) : lambdaDivergence;
  }

  Rehearsal rehearsal() {
    return new Rehearsal(
        BigDecimal.valueOf(share), batchShare == null ? null : BigDecimal.valueOf(batchShare));
  }
}
