package org.dapt.sink;

import java.util.ArrayList;
import java.util.List;
import org.dapt.service.Services;

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
    if (!added.isEmpty()) {
      Services<MetricSink> found = added();
      added.stream().distinct().forEach(name -> sinks.add(found.named("metrics.sinks", name)));
    }
    return of(sinks, run, SinkWorker.Limits.standard());
  }

  /** The names of the sinks from outside that are on the class path, sorted. */
  public static List<String> addedNames() {
    return added().names();
  }

  private static Services<MetricSink> added() {
    return Services.of(MetricSink.class, MetricSink::name);
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
