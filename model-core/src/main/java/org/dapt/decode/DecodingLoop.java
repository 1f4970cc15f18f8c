package org.dapt.decode;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Decoding;
import org.dapt.tensor.Placement;

/**
 * Token after token, up to an end token or a number of tokens; examples that have ended leave the
 * batch.
 *
 * @param maxNewTokens most tokens of an answer, the end token included
 * @param endTokens ids that end an answer
 * @param placement of the model
 */
record DecodingLoop(int maxNewTokens, Set<Integer> endTokens, Placement placement) {
  /** Chooses the next token of every example that is still alive. */
  @FunctionalInterface
  interface Choice {
    /**
     * One id for each row.
     *
     * @param logits {@code [alive, vocabulary]}
     * @param alive which example each row is
     */
    long[] next(Tensor logits, int[] alive);
  }

  /**
   * Appends the chosen tokens to {@code answers}, one list for each example, end tokens left out.
   */
  void extend(Decoding decoding, List<List<Integer>> answers, Choice choice) {
    long[] last = null;
    int[] alive = IntStream.range(0, answers.size()).toArray();
    for (int step = 0; step < maxNewTokens; step++) {
      long[] next;
      try (PointerScope scope = new PointerScope()) {
        Tensor logits = last == null ? decoding.first() : decoding.step(placement.indices(last));
        next = choice.next(logits, alive);
      }
      int[] kept = IntStream.range(0, alive.length).filter(i -> !ends(next[i])).toArray();
      for (int i : kept) {
        answers.get(alive[i]).add((int) next[i]);
      }
      if (kept.length == 0 || step + 1 == maxNewTokens) {
        return;
      }
      if (kept.length < alive.length) {
        decoding.select(placement.indices(Arrays.stream(kept).asLongStream().toArray()));
      }
      last = Arrays.stream(kept).mapToLong(i -> next[i]).toArray();
      int[] before = alive;
      alive = Arrays.stream(kept).map(i -> before[i]).toArray();
    }
  }

  private boolean ends(long token) {
    return endTokens.contains((int) token);
  }
}
