package org.dapt.sink;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.AccumulableInfo;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorMetricsUpdate;
import org.apache.spark.util.CollectionAccumulator;
import org.dapt.train.StepRecord;
import scala.collection.JavaConverters;

/**
 * Hands the steps of a task to the sinks while it is learnt, as often as executors send heartbeats
 * ({@code spark.executor.heartbeatInterval}). Costs nothing where there are no sinks.
 */
public final class LiveSteps implements AutoCloseable {
  private final JavaSparkContext spark;
  private final StepFeed feed;
  private final SparkListener listener;

  private LiveSteps(JavaSparkContext spark, StepFeed feed, SparkListener listener) {
    this.spark = spark;
    this.feed = feed;
    this.listener = listener;
  }

  /**
   * Watches task {@code task}.
   *
   * @param number its position in the order of learning, from 1
   */
  public static LiveSteps of(JavaSparkContext spark, MetricSinks sinks, int number, String task) {
    if (sinks.isEmpty()) {
      return new LiveSteps(spark, StepFeed.NONE, null);
    }
    CollectionAccumulator<Map<String, Double>> window = new CollectionAccumulator<>();
    spark.sc().register(window, "steps of " + task);
    SparkListener listener = new Listener(window.id(), new TaskSeries(number, task), sinks);
    spark.sc().addSparkListener(listener);
    return new LiveSteps(spark, new StepFeed(window), listener);
  }

  /** What rank 0 fills. */
  public StepFeed feed() {
    return feed;
  }

  @Override
  public void close() {
    if (listener != null) {
      spark.sc().removeSparkListener(listener);
    }
  }

  private static final class Listener extends SparkListener {
    private final long id;
    private final TaskSeries series;
    private final MetricSinks sinks;
    private long seen;

    Listener(long id, TaskSeries series, MetricSinks sinks) {
      this.id = id;
      this.series = series;
      this.sinks = sinks;
    }

    @Override
    public void onExecutorMetricsUpdate(SparkListenerExecutorMetricsUpdate update) {
      JavaConverters.seqAsJavaList(update.accumUpdates())
          .forEach(task -> JavaConverters.seqAsJavaList(task._4()).forEach(this::see));
    }

    /** What {@link StepFeed} put in: the accumulator's elements have no type here. */
    @SuppressWarnings("unchecked")
    private static Map<String, Double> values(Object row) {
      return (Map<String, Double>) row;
    }

    private void see(AccumulableInfo info) {
      if (info.id() != id || info.update().isEmpty()) {
        return;
      }
      if (info.update().get() instanceof List<?> rows) {
        List<StepRecord> fresh = new ArrayList<>();
        for (Object row : List.copyOf(rows)) {
          StepRecord step = StepRecord.of(values(row));
          if (step.report().step() > seen) {
            seen = step.report().step();
            fresh.add(step);
          }
        }
        sinks.offer(series.points(fresh));
      }
    }
  }
}
