package org.dapt.sink;

import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** The sinks of a command. Nothing here waits for a sink before {@link #finish}. */
public final class MetricSinks {
  private final List<SinkWorker> workers;

  private MetricSinks(List<SinkWorker> workers) {
    this.workers = workers;
  }

  /** No sinks at all. */
  public static MetricSinks none() {
    return new MetricSinks(List.of());
  }

  /**
   * Those that the configuration switches on.
   *
   * @param jsonLines file for JSON lines, null for none
   * @param tensorboard folder for TensorBoard's, null for none
   * @param mlflow address of an MLflow server, null for none
   * @param experiment name of the experiment there
   * @param added names of sinks from outside
   */
  public static MetricSinks of(
      String jsonLines,
      String tensorboard,
      String mlflow,
      String experiment,
      List<String> added,
      SinkRun run) {
    List<MetricSink> sinks = new ArrayList<>();
    if (jsonLines != null) {
      sinks.add(new JsonLinesSink(jsonLines));
    }
    if (tensorboard != null) {
      sinks.add(new TensorBoardSink(tensorboard));
    }
    if (mlflow != null) {
      sinks.add(new MlflowSink(mlflow, experiment));
    }
    for (MetricSink found :
        ServiceLoader.load(MetricSink.class, MetricSink.class.getClassLoader())) {
      if (added.contains(found.name())) {
        sinks.add(found);
      }
    }
    return of(sinks, run, SinkWorker.Limits.standard());
  }

  static MetricSinks of(List<MetricSink> sinks, SinkRun run, SinkWorker.Limits limits) {
    return new MetricSinks(sinks.stream().map(sink -> new SinkWorker(sink, run, limits)).toList());
  }

  /** Whether there is none: then nothing need be collected. */
  public boolean isEmpty() {
    return workers.isEmpty();
  }

  /** Hands {@code points} to every sink. What a sink holds already is not written again. */
  public void offer(List<MetricPoint> points) {
    List<MetricPoint> kept = List.copyOf(points);
    workers.forEach(worker -> worker.offer(kept));
  }

  /**
   * Ends the command: waits for each sink as long as that makes progress.
   *
   * @param succeeded whether the command did what it was asked for
   */
  public void finish(boolean succeeded) {
    workers.forEach(worker -> worker.finish(succeeded));
  }
}
