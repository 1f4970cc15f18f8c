package org.dapt.train;

import java.io.Serializable;

/**
 * How the learning rate goes from step to step: first up from 0 in a straight line, then along
 * {@code shape}. The values are those of {@code get_constant_schedule_with_warmup}, {@code
 * get_linear_schedule_with_warmup} and {@code get_cosine_schedule_with_warmup} of Transformers.
 *
 * @param warmup steps of the way up; the first step behind them has the whole rate
 * @param steps of the task in all, at which {@link ScheduleShape#LINEAR} and {@link
 *     ScheduleShape#COSINE} come to 0
 */
public record RateSchedule(ScheduleShape shape, long warmup, long steps) implements Serializable {
  /** The same rate in all steps. */
  public static final RateSchedule CONSTANT = new RateSchedule(ScheduleShape.CONSTANT, 0, 0);

  /**
   * The schedule of a task.
   *
   * @param warmup a number of steps, or, below 1, a share of {@code steps}, which is rounded up
   * @param steps of the task in all
   */
  public static RateSchedule of(ScheduleShape shape, double warmup, long steps) {
    return new RateSchedule(
        shape, warmup < 1 ? (long) Math.ceil(steps * warmup) : (long) warmup, steps);
  }

  /**
   * By what the learning rate is multiplied in a step.
   *
   * @param step from 1
   * @return 0 to 1
   */
  public double factor(long step) {
    long before = step - 1;
    if (before < warmup) {
      return (double) before / Math.max(1, warmup);
    }
    double left = Math.max(1, steps - warmup);
    return switch (shape) {
      case CONSTANT -> 1;
      case LINEAR -> Math.max(0, (steps - before) / left);
      case COSINE -> Math.max(0, 0.5 * (1 + Math.cos(Math.PI * ((before - warmup) / left))));
    };
  }
}
