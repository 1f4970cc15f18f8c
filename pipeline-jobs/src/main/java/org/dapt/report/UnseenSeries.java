package org.dapt.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.dapt.score.ScoreRow;
import org.dapt.score.UnseenScores;
import org.dapt.sink.MetricPoint;

/**
 * The series of tasks that are never learnt. Their steps count learnt tasks: {@code
 * unseen/others/rouge-l} is the mean over all tasks of the set, {@code
 * unseen/others/Summarization/rouge-l} over those of a category.
 */
public final class UnseenSeries {
  private UnseenSeries() {}

  /** The points of {@code scores}. */
  public static List<MetricPoint> of(UnseenScores scores) {
    List<MetricPoint> points = new ArrayList<>();
    for (String metric : ScoreRow.METRICS) {
      if (scores.has(metric)) {
        add(points, scores, scores.tasks(), metric, "");
        scores
            .categories()
            .forEach(
                category -> add(points, scores, category.tasks(), metric, category.name() + "/"));
      }
    }
    return points;
  }

  private static void add(
      List<MetricPoint> points,
      UnseenScores scores,
      List<String> tasks,
      String metric,
      String category) {
    Instant time = scores.scores().get(0).score().createdAt();
    String series = "unseen/%s/%s%s".formatted(scores.set(), category, metric);
    scores
        .mean(tasks, metric)
        .ifPresent(mean -> points.add(new MetricPoint(series, scores.step(), mean, time)));
  }
}
