package org.dapt.answer;

import java.util.List;

/**
 * What the model answers to an input.
 *
 * @param text the answer
 * @param tokens how many tokens it has, the end token left out
 * @param mixture the weight of each task's block; empty for methods that do not choose
 */
public record Answer(String text, int tokens, List<Double> mixture) {
  /** The place of the largest weight, the first of equal ones; -1 where nothing was chosen. */
  public int chosen() {
    int best = -1;
    for (int i = 0; i < mixture.size(); i++) {
      if (best < 0 || mixture.get(i) > mixture.get(best)) {
        best = i;
      }
    }
    return best;
  }
}
