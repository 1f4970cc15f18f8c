package org.dapt.report;

import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * The losses of one task, averaged over windows of equally many steps.
 *
 * @param window how many steps each point is the mean of; the last may be of fewer
 * @param points in the order of the steps, at least one
 */
public record LossCurve(String task, long window, List<Point> points) {
  /**
   * The mean losses of one window.
   *
   * @param step the last step in it, counted from 1
   * @param loss what was minimised
   * @param crossEntropy the part of the task's own examples
   * @param terms the other parts by name, without their factors
   */
  public record Point(long step, double loss, double crossEntropy, Map<String, Double> terms) {
    /** The term {@code name}; 0 where there is none of that name. */
    public double term(String name) {
      return terms.getOrDefault(name, 0.0);
    }
  }

  /** The names of all terms of {@code curves}. */
  static List<String> terms(List<LossCurve> curves) {
    return curves.stream()
        .flatMap(curve -> curve.points().stream())
        .flatMap(point -> point.terms().keySet().stream())
        .distinct()
        .toList();
  }

  /** How many steps the task was trained for. */
  public long steps() {
    return points.get(points.size() - 1).step();
  }

  /** The mean of {@code value} over the first tenth of the windows. */
  public double atFirst(ToDoubleFunction<Point> value) {
    return mean(points.subList(0, tenth()), value);
  }

  /** The mean of {@code value} over the last tenth of the windows. */
  public double atLast(ToDoubleFunction<Point> value) {
    return mean(points.subList(points.size() - tenth(), points.size()), value);
  }

  /**
   * {@code value} at each point, as the mean over the points around it: a tenth of all, fewer
   * towards either end.
   */
  public double[] smoothed(ToDoubleFunction<Point> value) {
    var smooth = new double[points.size()];
    for (int i = 0; i < smooth.length; i++) {
      int reach = Math.min(points.size() / 20, Math.min(i, points.size() - 1 - i));
      smooth[i] = mean(points.subList(i - reach, i + reach + 1), value);
    }
    return smooth;
  }

  private int tenth() {
    return Math.max(1, points.size() / 10);
  }

  private static double mean(List<Point> points, ToDoubleFunction<Point> value) {
    return points.stream().mapToDouble(value).average().orElseThrow();
  }
}
