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
 * @param meanAttention mean of the attention weights over the task's dev set right after it was
 *     learnt, one entry per task so far; empty for methods that do not reflect
 */
public record LearntTask(
    String task,
    Map<String, Tensor> block,
    Map<String, Tensor> attention,
    List<Double> meanAttention) {
  /** The same with {@code meanAttention}. */
  public LearntTask withMeanAttention(List<Double> meanAttention) {
    return new LearntTask(task, block, attention, List.copyOf(meanAttention));
  }

  /** SHA-256 over block and attention, as hexadecimal digits. */
  public String sha256() {
    Map<String, Tensor> all = new TreeMap<>();
    block.forEach((name, tensor) -> all.put("block." + name, tensor));
    attention.forEach((name, tensor) -> all.put("attention." + name, tensor));
    return Digests.sha256(all);
  }
}
