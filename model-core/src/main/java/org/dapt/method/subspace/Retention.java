package org.dapt.method.subspace;

import org.dapt.method.OptionReader;

/**
 * How much of a task's inputs is protected from later tasks: {@code εₜ = ε + (1 − ε) t / T} of
 * their energy, where t counts tasks from 0 and T is how many there will be.
 *
 * @param epsilon ε, above 0 and at most 1
 * @param tasks T; 0 for as many as the run is to learn
 */
public record Retention(double epsilon, int tasks) {
  /** The least ε: nothing would be protected below it. */
  private static final double LEAST = 1e-6;

  /**
   * Asks for the options {@code name}, with the default of the published code, and {@code
   * total-tasks}.
   */
  public static Retention read(OptionReader in, String name) {
    return new Retention(in.number(name, LEAST, 1, 0.995), in.wholeNumber("total-tasks", 0, 0));
  }

  /**
   * εₜ.
   *
   * @param task t; of a task behind the last the same as of the last, for 1 would leave nothing to
   *     learn
   * @param known how many tasks the run is to learn, as far as it is known
   */
  public double threshold(int task, int known) {
    int all = tasks > 0 ? tasks : Math.max(known, task + 1);
    return epsilon + (1 - epsilon) * Math.min(task, all - 1) / all;
  }
}
