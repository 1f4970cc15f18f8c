package org.dapt.report;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.dapt.run.TrainingTable;
import org.dapt.train.StepReport;

/** The losses by step that lie beside each learnt task. */
final class LossTable {
  /** What a screen can show: longer trainings are averaged over windows. */
  private static final long POINTS = 200;

  private LossTable() {}

  /**
   * The losses of every learnt task, in the order of learning.
   *
   * @throws org.dapt.error.InputException if a file is missing or damaged
   */
  static List<LossCurve> read(SparkSession spark, RunResults results) {
    List<LossCurve> curves = new ArrayList<>();
    for (int i = 0; i < results.learnt().size(); i++) {
      long window = Math.max(1, (results.costs().get(i).training().steps() + POINTS - 1) / POINTS);
      List<LossCurve.Point> points =
          TrainingTable.windows(spark, results.folder(i), window).stream()
              .map(LossTable::point)
              .toList();
      if (!points.isEmpty()) {
        curves.add(new LossCurve(results.learnt().get(i), window, points));
      }
    }
    return curves;
  }

  private static LossCurve.Point point(StepReport step) {
    return new LossCurve.Point(step.step(), step.loss(), step.crossEntropy(), step.terms());
  }
}
