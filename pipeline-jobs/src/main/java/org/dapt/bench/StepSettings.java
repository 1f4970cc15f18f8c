package org.dapt.bench;

import java.nio.file.Path;
import org.dapt.tensor.ComputeType;

/**
 * Which training step is measured.
 *
 * @param method name of the method
 * @param tasks number of blocks: the newest learns, the others are frozen
 * @param batch examples of a step
 * @param source source tokens of an example; of the longest where the examples are a task's
 * @param target the same for target tokens
 * @param rank of a block
 * @param threads of the tensor engine
 * @param type of weights and activations
 * @param steps measured; 0 takes one epoch of the task
 * @param warmup steps before those
 * @param replay replayed inputs of each earlier task
 * @param microBatchTokens most source tokens of a micro-batch
 * @param recompute whether layers are computed again on the way back
 * @param data where the examples come from, or null for random ones
 */
public record StepSettings(
    String method,
    int tasks,
    int batch,
    int source,
    int target,
    int rank,
    int threads,
    ComputeType type,
    int steps,
    int warmup,
    int replay,
    int microBatchTokens,
    boolean recompute,
    Data data) {
  /**
   * A task as it lies on disk.
   *
   * @param task its folder
   * @param tokenizer a model folder or tokenizer.json
   * @param format of its files
   * @param limit most instances; 0 takes all
   */
  public record Data(Path task, Path tokenizer, String format, int limit) {}
}
