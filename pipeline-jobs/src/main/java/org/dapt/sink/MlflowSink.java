package org.dapt.sink;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.dapt.error.Shown;
import org.mlflow.api.proto.Service.Metric;
import org.mlflow.api.proto.Service.Param;
import org.mlflow.api.proto.Service.RunStatus;
import org.mlflow.api.proto.Service.RunTag;
import org.mlflow.tracking.MlflowClient;
import org.mlflow.tracking.MlflowHttpException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends metrics, settings and tags to an MLflow server: one MLflow run for each run directory,
 * whatever number of commands write it. Names and tokens of users come from the environment
 * (MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, or MLFLOW_TRACKING_TOKEN).
 */
final class MlflowSink implements MetricSink {
  private static final Logger LOG = LoggerFactory.getLogger(MlflowSink.class);

  /** The server takes no more metrics in one call. */
  private static final int MOST_METRICS = 1000;

  /** The server takes no more parameters in one call. */
  private static final int MOST_PARAMS = 100;

  /** The first digit of the HTTP status of a request that no second attempt would cure. */
  private static final int REFUSED = 4;

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
      id = runs.create(run, tags(run));
    } else {
      runs.reopen(id);
    }
    tell(run.settings(), runs);
    MlflowRun.store(run, server, id);
  }

  /** Sends the settings that the server lacks, also where an earlier opening broke off in them. */
  private void tell(Map<String, String> settings, MlflowRun runs) {
    Set<String> told = runs.parameters(id);
    List<Param> params =
        params(settings).stream().filter(param -> !told.contains(param.getKey())).toList();
    try {
      for (int from = 0; from < params.size(); from += MOST_PARAMS) {
        client.logBatch(
            id,
            List.of(),
            params.subList(from, Math.min(from + MOST_PARAMS, params.size())),
            List.of());
      }
    } catch (MlflowHttpException e) {
      if (e.getStatusCode() / 100 != REFUSED) {
        throw e;
      }
      // A server that does not take them takes metrics all the same.
      LOG.warn(
          "Settings cannot be sent to {}: {}", name(), Shown.of(String.valueOf(e.getMessage())));
    }
  }

  @Override
  public BitSet held(String series) {
    BitSet steps = new BitSet();
    client.getMetricHistory(id, key(series)).forEach(metric -> steps.set((int) metric.getStep()));
    return steps;
  }

  @Override
  public void write(List<MetricPoint> points) {
    for (int from = 0; from < points.size(); from += MOST_METRICS) {
      client.logBatch(
          id,
          points.subList(from, Math.min(from + MOST_METRICS, points.size())).stream()
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
    Map<String, Param> params = new TreeMap<>();
    settings.forEach(
        (key, value) ->
            params.putIfAbsent(
                key(key),
                Param.newBuilder()
                    .setKey(key(key))
                    .setValue(value.substring(0, Math.min(value.length(), LONGEST_VALUE)))
                    .build()));
    return List.copyOf(params.values());
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
