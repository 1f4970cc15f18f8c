package org.dapt.peft;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.hadoop.fs.Path;
import org.bytedeco.pytorch.Tensor;
import org.dapt.adapter.Sidecar;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;
import org.dapt.tensor.Tensors;

/**
 * The attention of an imported task. A key means something only among the keys it was learnt with
 * and for the query network it was learnt with. So it is taken from the adapter's sidecar where the
 * run has learnt just the same tasks before; beyond that, the first task of a run may have any key,
 * for a single block always has the weight 1.
 *
 * @param sidecar that of the adapter, or null
 * @param adapter the adapter's folder, for messages
 * @param tasks the tasks of the run, the imported one last
 * @param earlier digests of the others as they are used, with keys that were fitted since
 * @param temperature of the run
 */
record ImportedAttention(
    Sidecar sidecar, Path adapter, List<String> tasks, List<String> earlier, double temperature) {
  /**
   * The imported task with its attention and mean attention.
   *
   * @param task the block and, where the method has one, the attention that a task begins with
   * @param stored reads the attention of the sidecar
   * @throws InputException if there is no attention that fits
   */
  LearntTask complete(LearntTask task, Supplier<Map<String, Tensor>> stored) {
    if (task.attention().isEmpty()) {
      return task;
    }
    boolean first = tasks.size() == 1;
    if (sidecar == null || sidecar.attention() == null) {
      if (!first) {
        throw unfit("has no attention of dapt (%s)".formatted(Sidecar.FILE));
      }
      return task.withMeanAttention(List.of(1.0));
    }
    List<String> found = sidecar.earlier().stream().map(Sidecar.Earlier::sha256).toList();
    if (!first && !found.equals(earlier)) {
      throw unfit(
          "has an attention that was learnt after %s, not after %s as they are in this run"
              .formatted(
                  sidecar.earlier().stream().map(Sidecar.Earlier::task).toList(),
                  tasks.subList(0, tasks.size() - 1)));
    }
    if (!first && sidecar.attention().temperature() != temperature) {
      throw unfit(
          "has an attention that was learnt with attention.temperature = %s, not with the %s of this run"
              .formatted(sidecar.attention().temperature(), temperature));
    }
    Map<String, Tensor> attention = stored.get();
    requireForm(task.attention(), attention);
    List<Double> mean =
        first && !found.isEmpty() ? List.of(1.0) : sidecar.attention().meanAttention();
    if (mean == null || mean.size() != tasks.size()) {
      throw new InputException(
          "%s: %s holds a mean attention over %s, one over %d tasks is expected. Export the task again."
              .formatted(adapter, Sidecar.FILE, mean, tasks.size()));
    }
    return new LearntTask(task.task(), task.block(), attention, mean);
  }

  private void requireForm(Map<String, Tensor> expected, Map<String, Tensor> found) {
    expected.forEach(
        (name, tensor) -> {
          Tensor other = found.get(name);
          if (other == null || !Arrays.equals(Tensors.shape(other), Tensors.shape(tensor))) {
            throw new InputException(
                "%s: the tensor %s of %s is %s, shape %s is expected. The run has another attention.hidden or attention.center, or another model."
                    .formatted(
                        adapter,
                        name,
                        Sidecar.ATTENTION,
                        other == null ? "missing" : Arrays.toString(Tensors.shape(other)),
                        Arrays.toString(Tensors.shape(tensor))));
          }
        });
    if (!expected.keySet().equals(found.keySet())) {
      throw new InputException(
          "%s: %s holds the tensors %s, expected are %s. Export the task again."
              .formatted(adapter, Sidecar.ATTENTION, found.keySet(), expected.keySet()));
    }
  }

  private InputException unfit(String what) {
    return new InputException(
        "%s %s, so there is no key by which inputs would choose it. Import it as the first task of a run, or into a run of method single-task or seq-lora, or learn the task with dapt learn."
            .formatted(adapter, what));
  }
}
