package org.dapt.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;
import org.dapt.metric.ContinualMetrics;
import org.dapt.score.ScoreRow;
import org.dapt.sink.MetricPoint;
import org.dapt.sink.TaskSeries;

/**
 * The series of a stream of tasks. Their steps count learnt tasks: {@code rouge-l/01-colour} has
 * the scores on that task, {@code stream/ap} and the like the metrics over all of them.
 */
public final class StreamSeries {
  private StreamSeries() {}

  /**
   * The scores and metrics after learning the last of {@code tasks}.
   *
   * @param rows scores of this and all earlier steps
   * @param tasks learnt so far, the oldest first
   * @param metric the one that decides on a task, by its name
   * @param singleTask as in {@link ContinualMetrics}
   */
  public static List<MetricPoint> after(
      List<ScoreRow> rows,
      List<String> tasks,
      UnaryOperator<String> metric,
      Map<String, Double> singleTask) {
    int step = tasks.size();
    List<ScoreRow> before = rows.stream().filter(row -> row.step() <= step).toList();
    List<ScoreRow> last = before.stream().filter(row -> row.step() == step).toList();
    List<MetricPoint> points = new ArrayList<>();
    for (ScoreRow row : last) {
      TaskSeries task = new TaskSeries(tasks.indexOf(row.evaluatedTask()) + 1, row.evaluatedTask());
      points.add(new MetricPoint(task.name(row.metric()), step, row.value(), row.createdAt()));
    }
    Instant time = last.get(0).createdAt();
    Evaluation evaluation = Evaluation.of(before, tasks, metric, singleTask).orElseThrow();
    ContinualMetrics metrics = evaluation.metrics();
    add(points, "ap", step, metrics.averagePerformance(), time);
    add(points, "f_ra", step, metrics.forgetting(), time);
    add(points, "fwt", step, metrics.forwardTransfer(), time);
    add(points, "bwt", step, metrics.backwardTransfer(), time);
    add(points, "selection-accuracy", step, evaluation.selectionAccuracy(), time);
    return points;
  }

  private static void add(
      List<MetricPoint> points, String name, int step, OptionalDouble value, Instant time) {
    value.ifPresent(found -> points.add(new MetricPoint("stream/" + name, step, found, time)));
  }
}
