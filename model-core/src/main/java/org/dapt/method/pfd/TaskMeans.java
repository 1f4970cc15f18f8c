package org.dapt.method.pfd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.dapt.backbone.Projection;
import org.dapt.error.InputException;
import org.dapt.method.LearntTask;

/**
 * The mean features of a task's training inputs.
 *
 * @param means by routed projection, {@code [out]} each
 */
record TaskMeans(Map<String, Tensor> means) {
  private static final String PREFIX = "features.";

  /**
   * What is kept of a task.
   *
   * @throws InputException if it holds no features, or those of other projections
   */
  static TaskMeans of(LearntTask task, List<Projection> routed) {
    Map<String, Tensor> means = new LinkedHashMap<>();
    for (Projection projection : routed) {
      Tensor mean = task.attention().get(PREFIX + projection.name());
      if (mean == null || mean.dim() != 1 || mean.size(0) != projection.out()) {
        throw new InputException(
            "The attention of task %s holds no mean feature of %s with %d components, by which pfd chooses it; it was not learnt by pfd with this model and these lora.targets"
                .formatted(task.task(), projection.name(), projection.out()));
      }
      means.put(projection.name(), mean);
    }
    return new TaskMeans(means);
  }

  /**
   * Those of all features one behind the other.
   *
   * @param all {@code [width]} of {@link InputFeatures}
   */
  static TaskMeans of(Tensor all, List<Projection> routed) {
    Map<String, Tensor> means = new LinkedHashMap<>();
    long from = 0;
    for (Projection projection : routed) {
      means.put(projection.name(), all.narrow(0, from, projection.out()));
      from += projection.out();
    }
    return new TaskMeans(means);
  }

  /** The tensors by the names under which they are kept. */
  Map<String, Tensor> tensors() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    means.forEach((projection, mean) -> tensors.put(PREFIX + projection, mean));
    return tensors;
  }
}
