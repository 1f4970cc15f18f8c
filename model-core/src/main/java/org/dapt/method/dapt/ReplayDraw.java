package org.dapt.method.dapt;

import java.util.Arrays;
import java.util.random.RandomGenerator;
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
   * @param taskOf the earlier task of each sample, counted from 0, in ascending order
   * @param step from 1
   * @param placement of the samples
   */
  Reflection of(Reflection all, int[] taskOf, long step, Placement placement) {
    if (taskOf.length <= most) {
      return all;
    }
    int[] rows = rows(taskOf, step);
    int[] drawn = Arrays.stream(rows).map(row -> taskOf[row]).toArray();
    return all.select(
        placement.indices(Arrays.stream(rows).asLongStream().toArray()), shares(drawn, placement));
  }

  /**
   * What samples count: 1/n, n being the samples of the sample's task or of all tasks.
   *
   * @param taskOf the earlier task of each sample
   */
  Tensor shares(int[] taskOf, Placement placement) {
    int[] counts = new int[Arrays.stream(taskOf).max().orElse(0) + 1];
    Arrays.stream(taskOf).forEach(earlier -> counts[earlier]++);
    double[] shares =
        Arrays.stream(taskOf)
            .mapToDouble(earlier -> 1.0 / (perTask ? counts[earlier] : taskOf.length))
            .toArray();
    return placement.of(placement.learnt(), shares, shares.length);
  }

  /** {@link #most} different samples, or one of every task where these are more; ascending. */
  int[] rows(int[] taskOf, long step) {
    RandomGenerator random = KeyedRandom.of(seed, "replay-limit", task, step);
    boolean[] chosen = new boolean[taskOf.length];
    int tasks = 0;
    for (int from = 0; from < taskOf.length; ) {
      int to = from;
      while (to < taskOf.length && taskOf[to] == taskOf[from]) {
        to++;
      }
      chosen[from + random.nextInt(to - from)] = true;
      tasks++;
      from = to;
    }
    int left = taskOf.length - tasks;
    Draw draw = new Draw(Math.min(left, Math.max(0, most - tasks)), left, random);
    for (int row = 0; row < chosen.length; row++) {
      if (!chosen[row]) {
        chosen[row] = draw.next();
      }
    }
    return IntStream.range(0, chosen.length).filter(row -> chosen[row]).toArray();
  }
}
