package org.dapt.realign;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.method.dapt.Selection;
import org.dapt.method.dapt.SharedAttention;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/** Which blocks inputs of a {@link FitTable} give their largest weight to. */
public final class ChosenBlocks {
  private final FitRows rows;
  private final List<String> tasks;
  private final double temperature;

  /**
   * Reads the table.
   *
   * @param folder of the table
   * @param tasks whose blocks are weighed, in their order
   * @param temperature of the attention
   */
  public ChosenBlocks(SparkSession spark, String folder, List<String> tasks, double temperature) {
    rows = FitRows.read(spark, folder);
    this.tasks = List.copyOf(tasks);
    this.temperature = temperature;
  }

  /**
   * The share of each task's inputs, in per cent, that its own block has the largest weight on;
   * tasks without inputs are left out.
   *
   * @param selection in float32 on the host
   */
  public Map<String, Double> own(Selection selection) {
    long width = selection.keys().size(1);
    Map<String, Double> own = new LinkedHashMap<>();
    Map<String, Long> inputs = new LinkedHashMap<>();
    rows.tasks().forEach(task -> inputs.merge(task, 1L, Long::sum));
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor seen =
          Placement.cpu(ComputeType.FLOAT32).of(ScalarType.Float, rows.seen(), rows.count(), width);
      long[] chosen =
          Tensors.toLongs(
              new SharedAttention(selection.network(), selection.keys(), temperature)
                  .weights(seen)
                  .argmax(new LongOptional(1), false));
      inputs.keySet().forEach(task -> own.put(task, 0.0));
      for (int i = 0; i < chosen.length; i++) {
        String task = rows.tasks().get(i);
        if (tasks.get((int) chosen[i]).equals(task)) {
          own.merge(task, 100.0 / inputs.get(task), Double::sum);
        }
      }
    }
    return own;
  }
}
