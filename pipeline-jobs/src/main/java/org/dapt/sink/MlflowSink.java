package org.dapt.sink;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.tracking.MlflowClient;

/**
 * Sends metrics, settings and tags to an MLflow server: one MLflow run for each run directory,
 * whatever number of commands write it. Names and tokens of users come from the environment
 * (MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN).
 */
final class MlflowSink implements MetricSink {
  /** The server takes no more items in one call, metrics, parameters and tags together. */
  private static final int MOST = 1000;

  private static final int LONGEST_VALUE = 500;
  private static final int LONGEST_KEY = 250;

  private final String server;
  private final String experiment;
  private MlflowClient client;
  private String id;

  MlflowSink(String server, String experiment) {
    this.server = server;
    this.experiment = experiment;
  }

  @Override
  public String name() {
    return "MLflow at " + server;
  }

  @Override
  public void open(SinkRun run) throws IOException {
    release();
    client = new MlflowClient(server);
    MlflowRun runs = new MlflowRun(client, server, experiment);
    id = runs.find(run);
    if (id == null) {
      id = runs.create(run);
      log(List.of(), params(run.settings()), tags(run));
    } else {
      runs.reopen(id);
    }
    MlflowRun.store(run, server, id);
  }

  @Override
  public BitSet held(String series) {
    BitSet steps = new BitSet();
    client.getMetricHistory(id, key(series)).forEach(metric -> steps.set((int) metric.getStep()));
    return steps;
  }

  @Override
  public void write(List<MetricPoint> points) {
    for (int from = 0; from < points.size(); from += MOST) {
      log(
          points.subList(from, Math.min(from + MOST, points.size())).stream()
              .map(MlflowSink::metric)
              .toList(),
          List.of(),
          List.of());
    }
  }

  @Override
  public void close(boolean succeeded) {
    try {
      if (client != null && id != null) {
        client.setTerminated(
            id, succeeded ? RunStatus.FINISHED : RunStatus.FAILED, Instant.now().toEpochMilli());
      }
    } finally {
      release();
    }
  }

  private void release() {
    if (client != null) {
      client.close();
      client = null;
      id = null;
    }
  }

  private void log(List<Metric> metrics, List<Param> params, List<RunTag> tags) {
    client.logBatch(id, metrics, params, tags);
  }

  private static Metric metric(MetricPoint point) {
    return Metric.newBuilder()
        .setKey(key(point.series()))
        .setStep(point.step())
        .setValue(point.value())
        .setTimestamp(point.time().toEpochMilli())
        .build();
  }

  /** The name of a series with the characters that MLflow knows. */
  static String key(String series) {
    String known = series.replaceAll("[^\\p{L}\\p{N}_./ :-]", "_");
    return known.substring(0, Math.min(known.length(), LONGEST_KEY));
  }

  private static List<Param> params(Map<String, String> settings) {
    List<Param> params = new ArrayList<>();
    settings.forEach(
        (key, value) ->
            params.add(
                Param.newBuilder()
                    .setKey(key(key))
                    .setValue(value.substring(0, Math.min(value.length(), LONGEST_VALUE)))
                    .build()));
    return params;
  }

  private List<RunTag> tags(SinkRun run) {
    Map<String, String> tags = new TreeMap<>();
    tags.put("mlflow.runName", run.shownName());
    tags.put("mlflow.source.name", "dapt");
    tags.put("dapt.run_dir", run.root().toString());
    tags.put("dapt.version", run.version());
    List<RunTag> list = new ArrayList<>();
    tags.forEach((key, value) -> list.add(RunTag.newBuilder().setKey(key).setValue(value).build()));
    return list;
  }
}
