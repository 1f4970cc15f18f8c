package org.dapt.method.dapt;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.dapt.random.Draw;
import org.dapt.random.KeyedRandom;
import org.dapt.tensor.Placement;

/**
 * Which of many replayed inputs take part in a step, and what each of them counts. A draw is made
 * of the seed, the task and the step alone, so it is the same on every rank and however a step was
 * reached.
 *
 * @param seed of the run
 * @param task that is being learnt
 * @param most inputs in a step, at least 1; one of every earlier task takes part all the same
 * @param perTask whether the earlier tasks count alike, or all samples
 */
record ReplayDraw(long seed, String task, int most, boolean perTask) {
  /**
   * {@code all}, or a draw of its samples where there are more than {@link #most}. Its tensors
   * belong to the caller's scope then.
   *
   * @param counts how many samples each earlier task has, in their order
   * @param step from 1
   * @param placement of the samples
   */
  Reflection of(Reflection all, int[] counts, long step, Placement placement) {
    if (Arrays.stream(counts).sum() <= most) {
      return all;
    }
    int[] rows = rows(counts, step);
    return all.select(
        placement.indices(Arrays.stream(rows).asLongStream().toArray()),
        shares(within(counts, rows), placement));
  }

  /**
   * What samples count: 1/n, n being the samples of the sample's task or of all tasks.
   *
   * @param counts how many samples each earlier task has, in their order
   */
  Tensor shares(int[] counts, Placement placement) {
    int samples = Arrays.stream(counts).sum();
    double[] shares =
        Arrays.stream(counts)
            .boxed()
            .flatMapToDouble(
                n -> DoubleStream.generate(() -> 1.0 / (perTask ? n : samples)).limit(n))
            .toArray();
    return placement.of(placement.learnt(), shares, samples);
  }

  /** {@link #most} different samples, or one of every task where these are more; ascending. */
  int[] rows(int[] counts, long step) {
    RandomGenerator random = KeyedRandom.of(seed, "replay-limit", task, step);
    boolean[] chosen = new boolean[Arrays.stream(counts).sum()];
    int from = 0;
    for (int count : counts) {
      chosen[from + random.nextInt(count)] = true;
      from += count;
    }
    int left = chosen.length - counts.length;
    Draw draw = new Draw(Math.min(left, Math.max(0, most - counts.length)), left, random);
    for (int row = 0; row < chosen.length; row++) {
      if (!chosen[row]) {
        chosen[row] = draw.next();
      }
    }
    return IntStream.range(0, chosen.length).filter(row -> chosen[row]).toArray();
  }

  /** How many of {@code rows} each task has. */
  private static int[] within(int[] counts, int[] rows) {
    int[] drawn = new int[counts.length];
    int task = 0;
    int end = counts[0];
    for (int row : rows) {
      while (row >= end) {
        task++;
        end += counts[task];
      }
      drawn[task]++;
    }
    return drawn;
  }
}
