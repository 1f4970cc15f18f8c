package org.dapt.answer;

import java.util.List;

/**
 * What the model answers to an input.
 *
 * @param text the answer
 * @param tokens how many tokens it has, the end token left out
 * @param attentionWeights the weight of each task's block; empty for methods that do not choose
 */
public record Answer(String text, int tokens, List<Double> attentionWeights) {
  /** The place of the largest weight, the first of equal ones; -1 where nothing was chosen. */
  public int chosen() {
    int best = -1;
    for (int i = 0; i < attentionWeights.size(); i++) {
      if (best < 0 || attentionWeights.get(i) > attentionWeights.get(best)) {
        best = i;
      }
    }
    return best;
  }
}
