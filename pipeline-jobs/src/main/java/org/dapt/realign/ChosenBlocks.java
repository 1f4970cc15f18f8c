package org.dapt.realign;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.method.dapt.Selection;
import org.dapt.method.dapt.SharedAttention;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.tensor.Tensors;

/** Which blocks inputs of a {@link FitTable} give their weight to. */
public final class ChosenBlocks {
  private final SparkSession spark;
  private final FitRows rows;
  private final List<String> tasks;
  private final double temperature;

  /**
   * Rows of a {@link FitTable}.
   *
   * @param table the rows
   * @param kept how many of them have the attention that they have anyway
   */
  public record Targets(Dataset<Row> table, int kept) {}

  /**
   * Reads the table.
   *
   * @param folder of the table
   * @param tasks whose blocks are weighed, in their order
   * @param temperature of the attention
   */
  public ChosenBlocks(SparkSession spark, String folder, List<String> tasks, double temperature) {
    this.spark = spark;
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
    Map<String, Double> own = new LinkedHashMap<>();
    Map<String, Long> inputs = new LinkedHashMap<>();
    rows.tasks().forEach(task -> inputs.merge(task, 1L, Long::sum));
    inputs.keySet().forEach(task -> own.put(task, 0.0));
    double[] weights = weights(selection);
    for (int i = 0; i < rows.count(); i++) {
      String task = rows.tasks().get(i);
      if (choosesOwn(weights, i)) {
        own.merge(task, 100.0 / inputs.get(task), Double::sum);
      }
    }
    return own;
  }

  /**
   * The table with targets that change least: an input whose largest weight is on its own task's
   * block shall have the attention that it has, every other one the target of the table.
   *
   * @param selection in float32 on the host
   */
  public Targets keeping(Selection selection) {
    double[] weights = weights(selection);
    int width = rows.seen().length / rows.count();
    List<Row> table = new ArrayList<>();
    Map<String, Integer> indices = new LinkedHashMap<>();
    int kept = 0;
    for (int i = 0; i < rows.count(); i++) {
      boolean own = choosesOwn(weights, i);
      kept += own ? 1 : 0;
      List<Float> seen = new ArrayList<>(width);
      for (int j = 0; j < width; j++) {
        seen.add(rows.seen()[i * width + j]);
      }
      table.add(
          RowFactory.create(
              rows.tasks().get(i),
              indices.merge(rows.tasks().get(i), 1, Integer::sum) - 1,
              seen,
              Arrays.stream(row(own ? weights : rows.targets(), i)).boxed().toList(),
              rows.shares()[i]));
    }
    return new Targets(spark.createDataFrame(table, FitTable.COLUMNS), kept);
  }

  private boolean choosesOwn(double[] weights, int i) {
    double[] row = row(weights, i);
    int chosen = 0;
    for (int j = 1; j < row.length; j++) {
      chosen = row[j] > row[chosen] ? j : chosen;
    }
    return tasks.get(chosen).equals(rows.tasks().get(i));
  }

  private double[] row(double[] values, int i) {
    return Arrays.copyOfRange(values, i * tasks.size(), (i + 1) * tasks.size());
  }

  /** {@code [n, T]}. */
  private double[] weights(Selection selection) {
    long width = selection.keys().size(1);
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      Tensor seen =
          Placement.cpu(ComputeType.FLOAT32).of(ScalarType.Float, rows.seen(), rows.count(), width);
      return Tensors.toDoubles(
          new SharedAttention(selection.network(), selection.keys(), temperature).weights(seen));
    }
  }
}
