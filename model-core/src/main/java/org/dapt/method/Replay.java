package org.dapt.method;

import java.io.Serializable;
import java.util.List;

/**
 * Replayed inputs of one earlier task.
 *
 * @param task the task's name
 * @param sources token ids of the inputs
 * @param meanAttention the attention that these inputs shall keep, one entry per task up to theirs;
 *     it counts as zero for the tasks behind
 */
public record Replay(String task, List<int[]> sources, List<Double> meanAttention)
    implements Serializable {
  /**
   * The attention that they shall keep among {@code tasks} tasks: zeros for those behind theirs.
   */
  public double[] target(int tasks) {
    double[] target = new double[tasks];
    for (int i = 0; i < meanAttention.size(); i++) {
      target[i] = meanAttention.get(i);
    }
    return target;
  }
}
