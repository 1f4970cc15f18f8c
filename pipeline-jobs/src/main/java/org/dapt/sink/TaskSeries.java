package org.dapt.sink;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dapt.train.StepRecord;
import org.dapt.train.StepReport;

/**
 * The series of a task: {@code loss/01-colour} and so on. Their steps are the optimizer's.
 *
 * @param number position of the task in the order of learning, from 1
 */
public record TaskSeries(int number, String task) {
  /** The series of {@code metric} on this task. */
  public String name(String metric) {
    return String.format(Locale.ROOT, "%s/%02d-%s", metric, number, task);
  }

  /** Losses and speed of {@code steps}. */
  public List<MetricPoint> points(List<StepRecord> steps) {
    Instant now = Instant.now();
    List<MetricPoint> points = new ArrayList<>();
    for (StepRecord record : steps) {
      StepReport report = record.report();
      int step = Math.toIntExact(report.step());
      points.add(new MetricPoint(name("loss"), step, report.loss(), now));
      points.add(new MetricPoint(name("cross_entropy"), step, report.crossEntropy(), now));
      report
          .terms()
          .forEach((term, value) -> points.add(new MetricPoint(name(term), step, value, now)));
      points.add(
          new MetricPoint(
              name("tokens_per_second"),
              step,
              (report.sourceTokens() + report.targetTokens()) / record.seconds(),
              now));
    }
    return points;
  }
}
