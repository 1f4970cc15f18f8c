package org.dapt.realign;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.broadcast.Broadcast;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.dapt.gang.RankContext;
import org.dapt.gang.RankFunction;
import org.dapt.method.dapt.Reflection;
import org.dapt.tensor.ComputeType;
import org.dapt.tensor.Placement;
import org.dapt.train.SelectionTraining;

/** One rank's part of a fit. */
final class FitRank implements RankFunction<FittedSelection> {
  private static final long serialVersionUID = 1L;

  private final Broadcast<FitRows> rows;
  private final SelectionValues start;
  private final double temperature;
  private final double learningRate;
  private final int steps;

  FitRank(
      Broadcast<FitRows> rows,
      SelectionValues start,
      double temperature,
      double learningRate,
      int steps) {
    this.rows = rows;
    this.start = start;
    this.temperature = temperature;
    this.learningRate = learningRate;
    this.steps = steps;
  }

  @Override
  public FittedSelection run(RankContext context) {
    Placement host = Placement.cpu(ComputeType.FLOAT32);
    FitRows own = rows.value().of(context.rank(), context.ranks());
    List<Double> losses = new ArrayList<>();
    try (PointerScope scope = new PointerScope();
        SelectionTraining training =
            new SelectionTraining(
                SelectionTensors.selection(start),
                temperature,
                new Reflection(
                    host.of(ScalarType.Float, own.seen(), own.count(), start.width()),
                    host.of(ScalarType.Float, own.targets(), own.count(), start.tasks()),
                    host.of(ScalarType.Float, own.shares(), own.count())),
                learningRate,
                context.exchange(),
                host)) {
      for (int step = 0; step < steps; step++) {
        losses.add(training.step());
      }
      losses.add(training.loss());
      return context.rank() == 0
          ? new FittedSelection(SelectionTensors.values(training.selection()), losses)
          : null;
    }
  }
}
