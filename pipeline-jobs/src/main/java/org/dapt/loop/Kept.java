package org.dapt.loop;

import java.io.Serializable;
import java.util.List;
import java.util.random.RandomGenerator;
import org.dapt.method.Example;
import org.dapt.method.Rehearsal.Mix;
import org.dapt.random.KeyedRandom;

/**
 * Kept examples of earlier tasks, the same on every rank, and their places in the batches of a
 * task.
 *
 * @param seed of the run
 * @param task that is being learnt
 */
public record Kept(List<Example> examples, Mix mix, long seed, String task)
    implements Serializable {
  /** None. */
  public static final Kept NONE = new Kept(List.of(), Mix.NEW_ONLY, 0, "");

  /** The order in which all of them are taken for the {@code round}th time, from 0. */
  int[] order(long round) {
    int size = examples.size();
    RandomGenerator random = KeyedRandom.of(seed, "kept-order", task, round);
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
