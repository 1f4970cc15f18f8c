package org.dapt.method.dapt;

import java.util.stream.LongStream;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;

/**
 * Which of many replayed inputs take part in a step. A draw is made of the seed, the task and the
 * step alone, so it is the same on every rank and however a step was reached.
 *
 * @param seed of the run
 * @param task that is being learnt
 * @param most inputs in a step, at least 1
 */
record ReplayDraw(long seed, String task, int most) {
  /**
   * {@code all}, or a draw of its samples where there are more than {@link #most}. Its tensors
   * belong to the caller's scope then.
   *
   * @param step from 1
   * @param placement of the samples
   */
  Reflection of(Reflection all, long step, Placement placement) {
    long samples = all.pooled().size(0);
    return samples <= most ? all : all.select(placement.indices(rows(samples, step)));
  }

  /** {@link #most} different numbers of 0 to {@code samples - 1}, in ascending order. */
  long[] rows(long samples, long step) {
    Draw draw = new Draw(most, samples, KeyedRandom.of(seed, "replay-limit", task, step));
    return LongStream.range(0, samples).filter(row -> draw.next()).toArray();
  }
}
