package org.dapt.method;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.dapt.tensor.Digests;

/**
 * What is kept of a learnt task.
 *
 * @param task its name
 * @param block the block's tensors by name
 * @param attention the attention's tensors as of this task (key, query network); empty for methods
 *     without
 * @param target mean attention over the task's dev set right after it was learnt, one entry per
 *     task so far; empty for methods without attention
 */
public record LearntTask(
    String task, Map<String, Tensor> block, Map<String, Tensor> attention, List<Double> target) {
  /** The same with {@code target}. */
  public LearntTask withTarget(List<Double> target) {
    return new LearntTask(task, block, attention, List.copyOf(target));
  }

  /** SHA-256 over block and attention, as hexadecimal digits. */
  public String sha256() {
    Map<String, Tensor> all = new TreeMap<>();
    block.forEach((name, tensor) -> all.put("block." + name, tensor));
    attention.forEach((name, tensor) -> all.put("attention." + name, tensor));
    return Digests.sha256(all);
  }
}
