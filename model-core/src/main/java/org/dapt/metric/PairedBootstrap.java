package org.dapt.metric;

import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.dapt.random.KeyedRandom;

/**
 * Tells the difference of two methods from chance by resampling the test examples that both have
 * answered (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapters 13 and 16). A
 * resample draws as many examples of each task as it has, with replacement; its value is the mean
 * over the tasks, each of the same weight, of the mean score of its draws. All methods see the same
 * draws, so differences are of pairs.
 */
public final class PairedBootstrap {
  private static final double TAIL = 0.025;

  /**
   * Means that are equal come out of sums of different order, so that differences of this size are
   * none: those of scores are larger by far.
   */
  private static final double ROUNDING = 1e-9;

  /** Which examples a resample has. */
  interface Draws {
    /**
     * Fills {@code drawn} with indices of examples of a task. Called for every resample in order,
     * and in it for every task.
     */
    void next(int resample, int task, int[] drawn);
  }

  /**
   * A difference in the unit of the scores.
   *
   * @param difference as observed
   * @param low lower end of the 95 % interval: the 2.5th percentile of the resampled differences,
   *     linearly interpolated
   * @param high its upper end
   * @param p two-sided: twice the share of resamples, the observed one counted too, in which the
   *     difference has not the sign that it has; at most 1
   */
  public record Difference(double difference, double low, double high, double p) {}

  private final int resamples;
  private final long seed;

  /**
   * @param resamples at least 1
   */
  public PairedBootstrap(int resamples, long seed) {
    this.resamples = resamples;
    this.seed = seed;
  }

  /**
   * The values of one method in all resamples, {@code [resamples]}: for methods with the same
   * numbers of examples the resamples are the same.
   *
   * @param scores of each example by task, {@code [tasks][examples of the task]}, no task empty
   */
  public double[] values(double[][] scores) {
    RandomGenerator random = KeyedRandom.of(seed, "bootstrap");
    return values(
        scores,
        resamples,
        (resample, task, drawn) -> {
          for (int i = 0; i < drawn.length; i++) {
            drawn[i] = random.nextInt(drawn.length);
          }
        });
  }

  static double[] values(double[][] scores, int resamples, Draws draws) {
    int[][] drawn = Arrays.stream(scores).map(task -> new int[task.length]).toArray(int[][]::new);
    double[] values = new double[resamples];
    for (int resample = 0; resample < resamples; resample++) {
      double sum = 0;
      for (int task = 0; task < scores.length; task++) {
        draws.next(resample, task, drawn[task]);
        double ofTask = 0;
        for (int index : drawn[task]) {
          ofTask += scores[task][index];
        }
        sum += ofTask / drawn[task].length;
      }
      values[resample] = sum / scores.length;
    }
    return values;
  }

  /** The value without resampling: the mean over tasks of the mean over examples. */
  public static double observed(double[][] scores) {
    return Arrays.stream(scores)
        .mapToDouble(task -> Arrays.stream(task).average().orElseThrow())
        .average()
        .orElseThrow();
  }

  /**
   * The first method less the second.
   *
   * @param first values of the first in all resamples
   * @param second values of the second in the same
   * @param observed the difference of what was observed
   */
  public static Difference difference(double[] first, double[] second, double observed) {
    double[] differences = new double[first.length];
    int below = 0;
    int above = 0;
    for (int i = 0; i < first.length; i++) {
      differences[i] = first[i] - second[i];
      below += differences[i] <= ROUNDING ? 1 : 0;
      above += differences[i] >= -ROUNDING ? 1 : 0;
    }
    Arrays.sort(differences);
    double p = 2.0 * (1 + Math.min(below, above)) / (1 + first.length);
    return new Difference(
        observed, quantile(differences, TAIL), quantile(differences, 1 - TAIL), Math.min(1, p));
  }

  private static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
